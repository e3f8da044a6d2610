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

// Copies slots [first, first + SLOTS) of the query codes to shared memory, as [chunks][SLOTS][CHUNK].
template <int SLOTS>
__device__ __forceinline__ void copyQueries(const Scan& scan, int first, uint8_t* to) {
    for (int i = threadIdx.x; i < scan.chunks * SLOTS; i += blockDim.x) {
        size_t from = size_t(i / SLOTS) * scan.slots + first + i % SLOTS;
        reinterpret_cast<uint4*>(to)[i] = *reinterpret_cast<const uint4*>(scan.queryCodes + from * CHUNK);
    }
}

// Eight warps: SLOTS / 64 of them side by side along the queries, the others along the tiles. Blocks with the same y
// share their queries; x strides over groups of tiles. Dynamic shared memory: the queries, then STAGES slabs of tiles.
template <typename Sum, int SLOTS, int STAGES>
__device__ __forceinline__ void multiplyRows(const Scan& scan, const Phase& phase) {
    extern __shared__ __align__(128) uint8_t shared[];
    constexpr int ACROSS = SLOTS / WARP_QUERIES, TILES = 8 / ACROSS;
    countDirect(scan, phase, SLOTS * gridDim.y);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    int warpTile = warp / ACROSS, warpQuery = warp % ACROSS * WARP_QUERIES, firstSlot = blockIdx.y * SLOTS;
    copyQueries<SLOTS>(scan, firstSlot, shared);
    uint32_t queries = uint32_t(__cvta_generic_to_shared(shared));
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
            bool reached = false;
#pragma unroll
            for (int m = 0; m < 4; m++)
#pragma unroll
                for (int i = 0; i < 4; i++) reached |= sums[m][n][i] >= reach[i % 2];
            if (!reached) continue;
#pragma unroll
            for (int m = 0; m < 4; m++)
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    if (!(sums[m][n][i] >= reach[i % 2]) || first + i % 2 >= scan.queries) continue;
                    int row = tile * TILE + m * 16 + i / 2 * 8 + lane / 4;
                    found(scan, phase, visit, row, first + i % 2, bitsOf(sums[m][n][i]));
                }
        }
    }
}

#define MULTIPLY(NAME, SUM, SLOTS)                                                                                     \
    extern "C" __global__ void __launch_bounds__(256) NAME(const Scan scan, const Phase phase) {                      \
        multiplyRows<SUM, SLOTS, 4>(scan, phase);                                                                     \
    }
