// Many queries: products on tensor cores, from Ampere on. The queries stay in shared memory, the rows come through it in
// slabs; scores stay in registers until they are compared with their query's threshold.
#pragma once
#include "scan.cuh"

// Rows that a warp takes are one tile, its queries as many.
constexpr int WARP_QUERIES = 64;
// Chunks of a slab: two steps of a matrix instruction.
constexpr int SLAB = 4;
constexpr int SLAB_BYTES = SLAB * TILE * CHUNK;

__device__ __forceinline__ void loadMatrices(uint32_t (&x)[4], uint32_t address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(address));
}

__device__ __forceinline__ void multiply(int (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ void multiply(float (&sums)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ void copyAsync(uint32_t to, const void* from) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
}

template <int PENDING>
__device__ __forceinline__ void waitForCopies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING));
}

// Thresholds of a dot product, in its own type.
__device__ __forceinline__ int thresholdOf(float threshold, int) { return wholeThreshold(threshold); }
__device__ __forceinline__ float thresholdOf(float threshold, float) { return threshold; }

// The sums of sixteen that reach their query's threshold: four rows of two queries each, eight tall, four times. Called
// rather than inlined: it is needed seldom, but in many places, and their code would not fit the instructions' cache.
template <typename Sum>
__device__ __noinline__ void addReached(Findings* findings, int row, int query, Sum reach0, Sum reach1, Sum a0, Sum a1,
        Sum a2, Sum a3, Sum b0, Sum b1, Sum b2, Sum b3, Sum c0, Sum c1, Sum c2, Sum c3, Sum d0, Sum d1, Sum d2, Sum d3) {
    Sum sums[16] = {a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3};
    uint32_t reached = 0;
#pragma unroll
    for (int i = 0; i < 16; i++) reached |= uint32_t(sums[i] >= (i % 2 == 0 ? reach0 : reach1)) << i;
#pragma unroll 1
    for (; reached != 0; reached &= reached - 1) {
        int i = __ffs(reached) - 1;
        findings->add(row + i / 4 * 16 + i % 4 / 2 * 8, query + i % 2, bitsOf(sums[i]));
    }
}

// Copies slots [first, first + SLOTS) of the query codes to shared memory, as [chunks][SLOTS][CHUNK]: a group of copies
// that are under way.
template <int SLOTS>
__device__ __forceinline__ void copyQueries(const Scan& scan, int first, uint32_t to) {
    for (int i = threadIdx.x; i < scan.chunks * SLOTS; i += blockDim.x) {
        size_t from = size_t(i / SLOTS) * scan.slots + first + i % SLOTS;
        copyAsync(to + i * CHUNK, scan.queryCodes + from * CHUNK);
    }
    asm volatile("cp.async.commit_group;");
}

// Eight warps: SLOTS / 64 of them side by side along the queries, the others along the tiles. Blocks with the same y
// share their queries; x strides over groups of tiles. Dynamic shared memory: the queries, then STAGES slabs of tiles.
template <typename Sum, int SLOTS, int STAGES>
__device__ __forceinline__ void multiplyRows(const Scan& scan, const Phase& phase) {
    extern __shared__ __align__(128) uint8_t shared[];
    __shared__ Findings findings;
    constexpr int ACROSS = SLOTS / WARP_QUERIES, TILES = 8 / ACROSS;
    if (threadIdx.x == 0) findings.init(scan);
    countDirect(scan, phase, SLOTS * gridDim.y);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    int warpTile = warp / ACROSS, warpQuery = warp % ACROSS * WARP_QUERIES, firstSlot = blockIdx.y * SLOTS;
    uint32_t queries = uint32_t(__cvta_generic_to_shared(shared));
    copyQueries<SLOTS>(scan, firstSlot, queries);
    uint32_t slabs = queries + scan.chunks * SLOTS * CHUNK;
    int perItem = scan.chunks / SLAB, items = (phase.tiles + TILES - 1) / TILES;
    int mine = blockIdx.x < items ? (items - blockIdx.x + gridDim.x - 1) / gridDim.x : 0;
    int steps = mine * perItem;

    // Steps count slabs, over all items of the block. The next item's slabs are under way while this one ends.
    auto fetch = [&](int step) {
        if (step < steps) {
            int item = blockIdx.x + step / perItem * gridDim.x, slab = step % perItem;
#pragma unroll
            for (int t = 0; t < TILES; t++) {
                int visit = min(item * TILES + t, phase.tiles - 1);
                const uint8_t* from = scan.codes + (size_t(tileOf(phase, visit)) * scan.chunks + slab * SLAB) * TILE * CHUNK;
                uint32_t to = slabs + (step % STAGES * TILES + t) * SLAB_BYTES;
                copyAsync(to + threadIdx.x * 16, from + threadIdx.x * 16);
            }
        }
        asm volatile("cp.async.commit_group;");
    };
    static_assert(SLAB_BYTES == 256 * 16);
    for (int step = 0; step < STAGES - 1; step++) fetch(step);

    uint32_t rowPart = ((lane / 16) * TILE + lane % 16) * CHUNK;
    uint32_t queryPart = ((lane / 8 % 2) * SLOTS + warpQuery + lane / 16 * 8 + lane % 8) * CHUNK;
    int step = 0;
    for (int item = blockIdx.x; item < items; item += gridDim.x) {
        Sum sums[4][8][4];
#pragma unroll
        for (int m = 0; m < 4; m++)
#pragma unroll
            for (int n = 0; n < 8; n++)
#pragma unroll
                for (int i = 0; i < 4; i++) sums[m][n][i] = 0;
        for (int slab = 0; slab < perItem; slab++, step++) {
            waitForCopies<STAGES - 2>();
            __syncthreads();
            fetch(step + STAGES - 1);
            uint32_t rows = slabs + (step % STAGES * TILES + warpTile) * SLAB_BYTES + rowPart;
            uint32_t columns = queries + slab * SLAB * SLOTS * CHUNK + queryPart;
#pragma unroll
            for (int c = 0; c < SLAB; c += 2) {
                uint32_t a[4][4], b[4][4];
#pragma unroll
                for (int m = 0; m < 4; m++) loadMatrices(a[m], rows + (c * TILE + m * 16) * CHUNK);
#pragma unroll
                for (int n = 0; n < 4; n++) loadMatrices(b[n], columns + (c * SLOTS + n * 16) * CHUNK);
#pragma unroll
                for (int m = 0; m < 4; m++)
#pragma unroll
                    for (int n = 0; n < 8; n++) multiply(sums[m][n], a[m], b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]);
            }
        }
        int visit = item * TILES + warpTile;
        if (visit >= phase.tiles) continue;
        int tile = tileOf(phase, visit);
        float scale = scan.scales[tile];
        float2 slack = scan.tileSlack[tile];
#pragma unroll
        for (int n = 0; n < 8; n++) {
            int first = firstSlot + warpQuery + n * 8 + lane % 4 * 2;
            Sum reach[2];
#pragma unroll
            for (int i = 0; i < 2; i++) {
                float threshold = scan.thresholds[first + i];
                reach[i] = thresholdOf(tileThreshold(threshold, scan.bounds[first + i], slack, scale), Sum());
            }
            if (phase.direct) {
                uint2* to = scan.candidates + size_t(first) * CAPACITY + visit * TILE + lane / 4;
#pragma unroll
                for (int m = 0; m < 4; m++)
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        int row = m * 16 + i / 2 * 8;
                        uint32_t id = isFindable(scan, tile * TILE + row + lane / 4) ? tile * TILE + row + lane / 4 : ~0u;
                        to[i % 2 * CAPACITY + row] = make_uint2(id, bitsOf(sums[m][n][i]));
                    }
                continue;
            }
            // Most have nothing to be found: the sign of a difference tells, and differences are put together.
            uint32_t below = 0x80000000u;
#pragma unroll
            for (int m = 0; m < 4; m++)
#pragma unroll
                for (int i = 0; i < 2; i++) below &= bitsOf(max(sums[m][n][i], sums[m][n][2 + i]) - reach[i]);
            if (below != 0) continue;
            auto& s = sums;
            addReached<Sum>(&findings, tile * TILE + lane / 4, first, reach[0], reach[1], s[0][n][0], s[0][n][1], s[0][n][2],
                    s[0][n][3], s[1][n][0], s[1][n][1], s[1][n][2], s[1][n][3], s[2][n][0], s[2][n][1], s[2][n][2],
                    s[2][n][3], s[3][n][0], s[3][n][1], s[3][n][2], s[3][n][3]);
        }
    }
    __syncthreads();
    findings.handOver(threadIdx.x, 256);
}

#define MULTIPLY(NAME, SUM, SLOTS)                                                                                     \
    extern "C" __global__ void __launch_bounds__(256) NAME(const __grid_constant__ Scan scan, const __grid_constant__ Phase phase) {                      \
        multiplyRows<SUM, SLOTS, 4>(scan, phase);                                                                     \
    }
