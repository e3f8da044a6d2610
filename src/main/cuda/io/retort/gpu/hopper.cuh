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
// once, the next chunk after all rows. So many bytes further on, it is so many sixteenths more.
__device__ __forceinline__ uint64_t describe(uint32_t address, int rows) {
    uint64_t nextChunk = rows * CHUNK / 16, nextRows = 8 * CHUNK / 16;
    return uint64_t(address >> 4) | nextChunk << 16 | nextRows << 32;
}

template <int REGISTERS>
__device__ __forceinline__ void takeRegisters() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

template <int REGISTERS>
__device__ __forceinline__ void leaveRegisters() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

// The sums of sixteen that reach their query's threshold: two rows of two queries each, four times along the queries.
// Called rather than inlined: it is needed seldom, but in many places, and their code would not fit the instructions'
// cache.
template <typename Sum>
__device__ __noinline__ void addReachedAcross(Findings* findings, int row, int query, const Sum* reach, Sum a0, Sum a1,
        Sum a2, Sum a3, Sum b0, Sum b1, Sum b2, Sum b3, Sum c0, Sum c1, Sum c2, Sum c3, Sum d0, Sum d1, Sum d2, Sum d3) {
    Sum sums[16] = {a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3};
    uint32_t reached = 0;
#pragma unroll
    for (int i = 0; i < 16; i++) reached |= uint32_t(sums[i] >= reach[i / 4 * 8 + i % 2]) << i;
#pragma unroll 1
    for (; reached != 0; reached &= reached - 1) {
        int i = __ffs(reached) - 1;
        findings->add(row + i % 4 / 2 * 8, query + i / 4 * 8 + i % 2, bitsOf(sums[i]));
    }
}

// Barriers of the two warpgroups that multiply, and of both.
constexpr int OF_GROUP = 1, OF_BOTH = 3;

__device__ __forceinline__ void meet(int barrier, int threads) {
    asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory");
}

// Two warpgroups that multiply and one of which two warps fetch for them. Dynamic shared memory: the queries, then for
// each of the two `stages` slabs. Blocks as for multiplyRows.
template <typename Sum, int SLOTS>
__device__ __forceinline__ void multiplyByWarpgroups(const Scan& scan, const Phase& phase, int stages) {
    extern __shared__ __align__(128) uint8_t shared[];
    constexpr int MOST_STAGES = 16, PART = 16;
    __shared__ __align__(8) uint64_t full[2][MOST_STAGES], empty[2][MOST_STAGES];
    __shared__ Sum reach[2][2][SLOTS];
    __shared__ Findings findings;
    countDirect(scan, phase, SLOTS * gridDim.y);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, firstSlot = blockIdx.y * SLOTS;
    uint32_t queries = uint32_t(__cvta_generic_to_shared(shared));
    copyQueries<SLOTS>(scan, firstSlot, queries);
    if (threadIdx.x == 0) {
        findings.init(scan);
        for (int g = 0; g < 2; g++) {
            for (int s = 0; s < stages; s++) {
                initBarrier(uint32_t(__cvta_generic_to_shared(&full[g][s])), 1);
                initBarrier(uint32_t(__cvta_generic_to_shared(&empty[g][s])), 4);
            }
        }
    }
    waitForCopies<0>();
    // What threads wrote, barriers and queries, is seen by the copy engine and the tensor cores only after a fence.
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    int perTile = scan.chunks / SLAB, stride = gridDim.x * 2;
    if (warp >= 8) {
        leaveRegisters<40>();
        int group = warp - 8;
        if (group >= 2 || lane != 0) return;
        uint32_t slabs = queries + scan.chunks * SLOTS * CHUNK + group * stages * SLAB_BYTES;
        uint32_t filled = uint32_t(__cvta_generic_to_shared(full[group]));
        uint32_t freed = uint32_t(__cvta_generic_to_shared(empty[group]));
        int stage = 0, parity = 0;
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
    } else {
        takeRegisters<216>();
        int group = warp / 4, thread = threadIdx.x % 128;
        uint32_t slabs = queries + scan.chunks * SLOTS * CHUNK + group * stages * SLAB_BYTES;
        uint32_t filled = uint32_t(__cvta_generic_to_shared(full[group]));
        uint32_t freed = uint32_t(__cvta_generic_to_shared(empty[group]));
        uint64_t rows = describe(slabs, TILE), columns = describe(queries, SLOTS);
        int stage = 0, parity = 0, turn = 0;
        for (int visit = blockIdx.x * 2 + group; visit < phase.tiles; visit += stride, turn ^= 1) {
            int tile = tileOf(phase, visit);
            float scale = scan.scales[tile];
            float2 slack = scan.tileSlack[tile];
            Sum* wanted = reach[group][turn];
            Sum sums[SLOTS / 2];
#pragma unroll
            for (int i = 0; i < SLOTS / 2; i++) sums[i] = 0;
            int before = 0;
#pragma unroll 1
            for (int slab = 0; slab < perTile; slab++) {
                waitFor(filled + 8 * stage, parity);
                asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
                for (int c = 0; c < SLAB; c += 2) {
                    WarpgroupProduct<Sum, SLOTS>::add(sums, rows + (stage * SLAB_BYTES + c * TILE * CHUNK) / 16,
                            columns + (slab * SLAB + c) * SLOTS * CHUNK / 16);
                }
                asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
                if (slab == 0) {
                    // While they multiply. Nobody still reads these: since the turn before the last all have met.
                    for (int slot = thread; slot < SLOTS; slot += 128) {
                        float threshold = tileThreshold(scan.thresholds[firstSlot + slot], scan.bounds[firstSlot + slot], slack,
                                scale);
                        wanted[slot] = thresholdOf(threshold, Sum());
                    }
                } else {
                    asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
                    if (lane == 0) arrive(freed + 8 * before);
                }
                before = stage;
                if (++stage == stages) {
                    stage = 0;
                    parity ^= 1;
                }
            }
            meet(OF_GROUP + group, 128);
            asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
            // The sums are what the instructions left, not what the compiler last saw.
#pragma unroll
            for (int i = 0; i < SLOTS / 2; i++) {
                if constexpr (sizeof(Sum) == 4 && Sum(0.5f) == Sum(0)) asm volatile("" : "+r"(sums[i])::"memory");
                else asm volatile("" : "+f"(sums[i])::"memory");
            }
            if (lane == 0) arrive(freed + 8 * before);
            int row = tile * TILE + warp % 4 * 16 + lane / 4, slot = lane % 4 * 2;
            if (phase.direct) {
                uint2* to = scan.candidates + size_t(firstSlot + slot) * CAPACITY + visit * TILE + row % TILE;
                uint32_t id[2] = {isFindable(scan, row) ? row : ~0u, isFindable(scan, row + 8) ? row + 8 : ~0u};
#pragma unroll
                for (int i = 0; i < SLOTS / 2; i++) {
                    to[(i / 4 * 8 + i % 2) * CAPACITY + i % 4 / 2 * 8] = make_uint2(id[i % 4 / 2], bitsOf(sums[i]));
                }
                continue;
            }
            // Most have nothing to be found: the sign of a difference tells, and differences are put together.
            uint32_t below[SLOTS / 2 / PART], all = 0x80000000u;
#pragma unroll
            for (int p = 0; p < SLOTS / 2 / PART; p++) {
                below[p] = 0x80000000u;
#pragma unroll
                for (int i = p * PART; i < (p + 1) * PART; i += 4) {
                    below[p] &= bitsOf(max(sums[i], sums[i + 2]) - wanted[i * 2 + slot]);
                    below[p] &= bitsOf(max(sums[i + 1], sums[i + 3]) - wanted[i * 2 + slot + 1]);
                }
                all &= below[p];
            }
            if (all != 0) continue;
#pragma unroll
            for (int p = 0; p < SLOTS / 2 / PART; p++) {
                if (below[p] != 0) continue;
                const Sum* s = sums + p * PART;
                addReachedAcross<Sum>(&findings, row, firstSlot + p * PART * 2 + slot, &wanted[p * PART * 2 + slot], s[0], s[1],
                        s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]);
            }
        }
        meet(OF_BOTH, 256);
        findings.handOver(threadIdx.x, 256);
    }
}

#define WARPGROUPS(NAME, SUM, SLOTS)                                                                                   \
    extern "C" __global__ void __launch_bounds__(384, 1) NAME(const __grid_constant__ Scan scan, const __grid_constant__ Phase phase, int stages) {       \
        multiplyByWarpgroups<SUM, SLOTS>(scan, phase, stages);                                                        \
    }

#endif
