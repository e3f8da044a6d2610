// Many queries on Hopper: products by warpgroups, rows by the bulk copy engine. Two warpgroups take a tile each; while
// one compares its scores with the thresholds, the other multiplies.
#pragma once
#include "mma.cuh"
#include "wgmma.cuh"

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

__device__ __forceinline__ void initBarrier(uint32_t barrier, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals));
}

__device__ __forceinline__ void arrive(uint32_t barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ __forceinline__ void expectBytes(uint32_t barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

__device__ __forceinline__ void waitFor(uint32_t barrier, int parity) {
    asm volatile("{\n.reg .pred done;\nWAIT:\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
                 "@done bra DONE;\nbra WAIT;\nDONE:\n}" ::"r"(barrier),
                 "r"(parity)
                 : "memory");
}

__device__ __forceinline__ void copyBulk(uint32_t to, const void* from, int bytes, uint32_t barrier) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
                 "l"(from), "r"(bytes), "r"(barrier)
                 : "memory");
}

// Describes a matrix in shared memory as it lies there, in cores of 8 rows of 16 bytes: the next eight rows follow at
// once, the next chunk after all rows.
__device__ __forceinline__ uint64_t describe(uint32_t address, int rows) {
    uint64_t nextChunk = rows * CHUNK / 16, nextRows = 8 * CHUNK / 16;
    return uint64_t(address >> 4 & 0x3fff) | nextChunk << 16 | nextRows << 32;
}

// Two warpgroups and two warps that fetch for them. Dynamic shared memory: the queries, then for each warpgroup `stages`
// slabs; the rest is static. Blocks as for multiplyRows.
template <typename Sum, int SLOTS>
__device__ __forceinline__ void multiplyByWarpgroups(const Scan& scan, const Phase& phase, int stages) {
    extern __shared__ __align__(128) uint8_t shared[];
    constexpr int MOST_STAGES = 16;
    __shared__ __align__(8) uint64_t full[2][MOST_STAGES], empty[2][MOST_STAGES];
    __shared__ Sum reach[2][SLOTS];
    countDirect(scan, phase, SLOTS * gridDim.y);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, firstSlot = blockIdx.y * SLOTS;
    copyQueries<SLOTS>(scan, firstSlot, shared);
    if (threadIdx.x == 0) {
        for (int g = 0; g < 2; g++) {
            for (int s = 0; s < stages; s++) {
                initBarrier(uint32_t(__cvta_generic_to_shared(&full[g][s])), 1);
                initBarrier(uint32_t(__cvta_generic_to_shared(&empty[g][s])), 4);
            }
        }
    }
    // What threads wrote, barriers and queries, is seen by the copy engine and the tensor cores only after a fence.
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    int group = warp < 8 ? warp / 4 : warp - 8;
    uint32_t queries = uint32_t(__cvta_generic_to_shared(shared));
    uint32_t slabs = queries + scan.chunks * SLOTS * CHUNK + group * stages * SLAB_BYTES;
    uint32_t filled = uint32_t(__cvta_generic_to_shared(full[group])), freed = uint32_t(__cvta_generic_to_shared(empty[group]));
    int perTile = scan.chunks / SLAB, stride = gridDim.x * 2;
    int stage = 0, parity = 0;
    if (warp >= 8) {
        if (lane != 0) return;
        for (int visit = blockIdx.x * 2 + group; visit < phase.tiles; visit += stride) {
            const uint8_t* from = scan.codes + size_t(tileOf(phase, visit)) * scan.chunks * TILE * CHUNK;
            for (int slab = 0; slab < perTile; slab++) {
                waitFor(freed + 8 * stage, parity ^ 1);
                expectBytes(filled + 8 * stage, SLAB_BYTES);
                copyBulk(slabs + stage * SLAB_BYTES, from + size_t(slab) * SLAB_BYTES, SLAB_BYTES, filled + 8 * stage);
                if (++stage == stages) {
                    stage = 0;
                    parity ^= 1;
                }
            }
        }
        return;
    }
    for (int visit = blockIdx.x * 2 + group; visit < phase.tiles; visit += stride) {
        int tile = tileOf(phase, visit);
        float scale = scan.scales[tile];
        float2 slack = scan.tileSlack[tile];
        Sum sums[SLOTS / 2];
        int before = -1;
        for (int slab = 0; slab < perTile; slab++) {
            waitFor(filled + 8 * stage, parity);
            asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
            for (int c = 0; c < SLAB; c += 2) {
                uint64_t rows = describe(slabs + stage * SLAB_BYTES + c * TILE * CHUNK, TILE);
                uint64_t columns = describe(queries + (slab * SLAB + c) * SLOTS * CHUNK, SLOTS);
                WarpgroupProduct<Sum, SLOTS>::add(sums, rows, columns, slab + c > 0);
            }
            asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
            if (before >= 0) {
                asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
                if (lane == 0) arrive(freed + 8 * before);
            }
            before = stage;
            if (++stage == stages) {
                stage = 0;
                parity ^= 1;
            }
        }
        int thread = threadIdx.x % 128;
        for (int slot = thread; slot < SLOTS; slot += 128) {
            float threshold = tileThreshold(scan.thresholds[firstSlot + slot], scan.bounds[firstSlot + slot], slack, scale);
            reach[group][slot] = thresholdOf(threshold, Sum());
        }
        asm volatile("bar.sync %0, 128;" ::"r"(group + 1) : "memory");
        asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
        // The sums are what the instructions left, not what the compiler last saw.
#pragma unroll
        for (int i = 0; i < SLOTS / 2; i++) {
            if constexpr (sizeof(Sum) == 4 && Sum(0.5f) == Sum(0)) asm volatile("" : "+r"(sums[i])::"memory");
            else asm volatile("" : "+f"(sums[i])::"memory");
        }
        if (lane == 0) arrive(freed + 8 * before);
        int row = tile * TILE + warp % 4 * 16 + lane / 4;
#pragma unroll
        for (int n = 0; n < SLOTS / 8; n += 2) {
            Sum wanted[4];
            bool reached = false;
#pragma unroll
            for (int i = 0; i < 4; i++) wanted[i] = reach[group][(n + i / 2) * 8 + lane % 4 * 2 + i % 2];
#pragma unroll
            for (int i = 0; i < 8; i++) reached |= sums[n * 4 + i] >= wanted[i / 4 * 2 + i % 2];
            if (!reached) continue;
#pragma unroll
            for (int i = 0; i < 8; i++) {
                int query = firstSlot + (n + i / 4) * 8 + lane % 4 * 2 + i % 2;
                if (!(sums[n * 4 + i] >= wanted[i / 4 * 2 + i % 2]) || query >= scan.queries) continue;
                found(scan, phase, visit, row + i % 4 / 2 * 8, query, bitsOf(sums[n * 4 + i]));
            }
        }
        // Nobody overwrites thresholds that another warp still reads.
        asm volatile("bar.sync %0, 128;" ::"r"(group + 1) : "memory");
    }
}

#define WARPGROUPS(NAME, SUM, SLOTS)                                                                                   \
    extern "C" __global__ void __launch_bounds__(320, 1) NAME(const Scan scan, const Phase phase, int stages) {       \
        multiplyByWarpgroups<SUM, SLOTS>(scan, phase, stages);                                                        \
    }

#endif
