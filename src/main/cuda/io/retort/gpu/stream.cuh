// One to eight queries: the rows come through at the memory's rate, a thread for each row.
#pragma once
#include "scan.cuh"

__device__ __forceinline__ uint4 loadOnce(const uint8_t* from) {
    uint4 x;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
                 : "l"(from));
    return x;
}

// Dynamic shared memory: the queries, [chunks][QUERIES] of 16 codes, or of 8 floats that binary16 codes stand for.
template <int QUERIES, bool HALF, int AHEAD>
__device__ __forceinline__ void streamRows(const Scan& scan, const Phase& phase) {
    extern __shared__ __align__(128) uint8_t shared[];
    countDirect(scan, phase, QUERIES);
    for (int i = threadIdx.x; i < scan.chunks * QUERIES; i += blockDim.x) {
        int c = i / QUERIES, q = i % QUERIES, query = min(phase.firstQuery + q, scan.slots - 1);
        uint4 codes = *reinterpret_cast<const uint4*>(scan.queryCodes + (size_t(c) * scan.slots + query) * CHUNK);
        if constexpr (HALF) {
            float2* to = reinterpret_cast<float2*>(shared) + i * 4;
            const __half2* halves = reinterpret_cast<const __half2*>(&codes);
            for (int j = 0; j < 4; j++) to[j] = __half22float2(halves[j]);
        } else {
            reinterpret_cast<uint4*>(shared)[i] = codes;
        }
    }
    __syncthreads();
    int visit = blockIdx.x * (blockDim.x / TILE) + threadIdx.x / TILE;
    if (visit >= phase.tiles) return;
    int tile = tileOf(phase, visit), row = threadIdx.x % TILE;
    const uint8_t* codes = scan.codes + (size_t(tile) * scan.chunks * TILE + row) * CHUNK;
    float scale = scan.scales[tile];
    float2 slack = scan.tileSlack[tile];
    int whole[QUERIES];
    float sums[QUERIES];
    for (int q = 0; q < QUERIES; q++) {
        whole[q] = 0;
        sums[q] = 0;
    }
    for (int c = 0; c < scan.chunks; c += AHEAD) {
        uint4 x[AHEAD];
#pragma unroll
        for (int a = 0; a < AHEAD; a++) x[a] = loadOnce(codes + size_t(c + a) * TILE * CHUNK);
#pragma unroll
        for (int a = 0; a < AHEAD; a++) {
            if constexpr (HALF) {
                const __half2* halves = reinterpret_cast<const __half2*>(&x[a]);
                float2 pairs[4];
                for (int j = 0; j < 4; j++) pairs[j] = __half22float2(halves[j]);
#pragma unroll
                for (int q = 0; q < QUERIES; q++) {
                    const float4* y = reinterpret_cast<const float4*>(shared) + ((c + a) * QUERIES + q) * 2;
                    float4 low = y[0], high = y[1];
                    float sum = fmaf(pairs[0].x, low.x, sums[q]);
                    sum = fmaf(pairs[0].y, low.y, sum);
                    sum = fmaf(pairs[1].x, low.z, sum);
                    sum = fmaf(pairs[1].y, low.w, sum);
                    sum = fmaf(pairs[2].x, high.x, sum);
                    sum = fmaf(pairs[2].y, high.y, sum);
                    sum = fmaf(pairs[3].x, high.z, sum);
                    sums[q] = fmaf(pairs[3].y, high.w, sum);
                }
            } else {
#pragma unroll
                for (int q = 0; q < QUERIES; q++) {
                    uint4 y = reinterpret_cast<const uint4*>(shared)[(c + a) * QUERIES + q];
                    int sum = __dp4a(int(x[a].x), int(y.x), whole[q]);
                    sum = __dp4a(int(x[a].y), int(y.y), sum);
                    sum = __dp4a(int(x[a].z), int(y.z), sum);
                    whole[q] = __dp4a(int(x[a].w), int(y.w), sum);
                }
            }
        }
    }
#pragma unroll
    for (int q = 0; q < QUERIES; q++) {
        int query = phase.firstQuery + q;
        if (query >= scan.queries) break;
        // What is not below is found, NaN too: a direct phase leaves no place unwritten.
        float reach = tileThreshold(scan.thresholds[query], scan.bounds[query], slack, scale);
        if constexpr (HALF) {
            if (!(sums[q] < reach)) found(scan, phase, visit, tile * TILE + row, query, bitsOf(sums[q]));
        } else {
            if (whole[q] >= wholeThreshold(reach)) found(scan, phase, visit, tile * TILE + row, query, bitsOf(whole[q]));
        }
    }
}

#define STREAM(NAME, QUERIES, HALF, THREADS, AHEAD)                                                                    \
    extern "C" __global__ void __launch_bounds__(THREADS) NAME(const __grid_constant__ Scan scan, const __grid_constant__ Phase phase) {                  \
        streamRows<QUERIES, HALF, AHEAD>(scan, phase);                                                                \
    }

STREAM(stream_int8_1, 1, false, 256, 8)
STREAM(stream_int8_4, 4, false, 256, 8)
STREAM(stream_int8_8, 8, false, 256, 8)
STREAM(stream_float16_1, 1, true, 256, 8)
STREAM(stream_float16_4, 4, true, 256, 8)
STREAM(stream_float16_8, 8, true, 256, 8)

// The score of a row, by sixteen threads that stand side by side: sixteen sums, each in its order, then folded; the
// order of io.retort.simd.Kernels, and so its bits. All sixteen get it.
template <int QUERIES>
__device__ __forceinline__ void exactScores(const float* row, const float* const* queries, int dims, int paddedDims,
        float* scores) {
    int lane = threadIdx.x % 16;
    float sums[QUERIES];
    for (int q = 0; q < QUERIES; q++) sums[q] = 0;
    constexpr int AHEAD = QUERIES == 1 ? 16 : 8;
    int i = lane;
    for (; i + (AHEAD - 1) * 16 < dims; i += AHEAD * 16) {
        float x[AHEAD];
#pragma unroll
        for (int a = 0; a < AHEAD; a++) x[a] = __ldg(row + i + 16 * a);
#pragma unroll
        for (int a = 0; a < AHEAD; a++) {
#pragma unroll
            for (int q = 0; q < QUERIES; q++) sums[q] = __fmaf_rn(x[a], queries[q][i + 16 * a], sums[q]);
        }
    }
    for (; i < paddedDims; i += 16) {
        float x = i < dims ? __ldg(row + i) : 0.0f;
        for (int q = 0; q < QUERIES; q++) sums[q] = __fmaf_rn(x, queries[q][i], sums[q]);
    }
    for (int q = 0; q < QUERIES; q++) {
        float sum = sums[q];
        for (int h = 8; h > 0; h >>= 1) sum = __fadd_rn(sum, __shfl_xor_sync(~0u, sum, h, 16));
        scores[q] = sum;
    }
}

// The rows themselves, without codes: bounds are the score. Dynamic shared memory: [QUERIES][padded dims].
template <int QUERIES>
__device__ __forceinline__ void streamFloats(const Scan& scan, const Phase& phase) {
    extern __shared__ __align__(128) uint8_t shared[];
    countDirect(scan, phase, QUERIES);
    float* copies = reinterpret_cast<float*>(shared);
    for (int i = threadIdx.x; i < QUERIES * scan.paddedDims; i += blockDim.x) {
        int query = min(phase.firstQuery + i / scan.paddedDims, scan.slots - 1);
        copies[i] = scan.exact[size_t(query) * scan.paddedDims + i % scan.paddedDims];
    }
    __syncthreads();
    const float* queries[QUERIES];
    for (int q = 0; q < QUERIES; q++) queries[q] = copies + q * scan.paddedDims;
    int tile = tileOf(phase, blockIdx.x);
    for (int r = threadIdx.x / 16; r < TILE; r += blockDim.x / 16) {
        int row = tile * TILE + r;
        float scores[QUERIES];
        exactScores<QUERIES>(scan.floats + size_t(min(row, scan.count - 1)) * scan.dims, queries, scan.dims,
                scan.paddedDims, scores);
#pragma unroll
        for (int q = 0; q < QUERIES; q++) {
            int query = phase.firstQuery + q;
            if (threadIdx.x % 16 != q || query >= scan.queries) continue;
            if (!(scores[q] < scan.thresholds[query])) found(scan, phase, blockIdx.x, row, query, bitsOf(scores[q]));
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) stream_float32_1(const __grid_constant__ Scan scan, const __grid_constant__ Phase phase) {
    streamFloats<1>(scan, phase);
}

extern "C" __global__ void __launch_bounds__(256) stream_float32_4(const __grid_constant__ Scan scan, const __grid_constant__ Phase phase) {
    streamFloats<4>(scan, phase);
}
