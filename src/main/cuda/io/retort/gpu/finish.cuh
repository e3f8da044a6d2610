// From candidates to the k best: thresholds, scores in float32, selection.
#pragma once
#include "stream.cuh"

constexpr int SELECTORS = 1024;
// Candidates that a thread holds; SELECTORS times this is the greatest capacity.
constexpr int HELD = 16;

// The sum over a block of SELECTORS threads, for all of them. Calls must alternate between two places of partial sums.
__device__ __forceinline__ int sumOfBlock(int x, int* partial) {
    x = __reduce_add_sync(~0u, x);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = x;
    __syncthreads();
    return __reduce_add_sync(~0u, partial[threadIdx.x % 32]);
}

// The greatest key that at least k of the block's keys reach, or 0 if there are not so many above 0.
template <typename Key>
__device__ __forceinline__ Key kthLargest(const Key* keys, int held, int k, int* partial) {
    Key found = 0;
    for (int bit = int(sizeof(Key)) * 8 - 1; bit >= 0; bit--) {
        Key trial = found | Key(1) << bit;
        int reached = 0;
#pragma unroll
        for (int h = 0; h < HELD; h++) {
            if (h < held) reached += keys[h] >= trial;
        }
        if (sumOfBlock(reached, partial + 32 * (bit & 1)) >= k) found = trial;
    }
    return found;
}

// One block for each query: raises its threshold to the k-th best lower bound and keeps the candidates whose upper
// bound reaches it, in no particular order. Every one of the k best has a score, and so an upper bound, at or above it.
template <typename Sum>
__device__ __forceinline__ void tighten(const Scan& scan) {
    __shared__ int partial[64];
    __shared__ int kept;
    int query = blockIdx.x, count = scan.counts[query];
    size_t at = size_t(query) * scan.capacity;
    if (count > scan.capacity) {
        count = scan.capacity;
        if (threadIdx.x == 0) scan.overflowed[query] = 1;
    }
    uint2* candidates = scan.candidates + at;
    float4 bound = scan.bounds[query];
    int held = (count + SELECTORS - 1) / SELECTORS;
    uint32_t keys[HELD];
#pragma unroll
    for (int h = 0; h < HELD; h++) {
        int i = h * SELECTORS + threadIdx.x;
        keys[h] = i < count ? keyOf(boundsOf<Sum>(scan, candidates[i], bound).x) : 0;
    }
    uint32_t key = kthLargest(keys, held, scan.k, partial);
    float threshold = scan.thresholds[query];
    if (key != 0) threshold = fmaxf(threshold, valueOf(key));
    if (threadIdx.x == 0) kept = 0;
    __syncthreads();
    for (int h = 0; h < held; h++) {
        int i = h * SELECTORS + threadIdx.x;
        uint2 candidate = make_uint2(~0u, 0);
        if (i < count) candidate = candidates[i];
        bool keep = boundsOf<Sum>(scan, candidate, bound).y >= threshold;
        uint32_t keepers = __ballot_sync(~0u, keep);
        int first = 0, lane = threadIdx.x % 32;
        // All of a round is read before any of it is written, and what is written lies no further than what was read.
        __syncthreads();
        if (lane == 0 && keepers != 0) first = atomicAdd(&kept, __popc(keepers));
        first = __shfl_sync(~0u, first, 0);
        if (!keep) continue;
        candidates[first + __popc(keepers & ((1u << lane) - 1))] = candidate;
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    scan.counts[query] = kept;
    scan.thresholds[query] = threshold;
}

extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_int8(const Scan scan) {
    tighten<int>(scan);
}

extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_float16(const Scan scan) {
    tighten<float>(scan);
}

// Dot products are scores.
extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_float32(const Scan scan) {
    tighten<double>(scan);
}

// Sixteen threads for each candidate; block y is the query. The score takes the place of the dot product.
extern "C" __global__ void __launch_bounds__(128) rescore(const Scan scan) {
    int query = blockIdx.y, count = min(scan.counts[query], scan.capacity);
    uint2* candidates = scan.candidates + size_t(query) * scan.capacity;
    const float* queries[1] = {scan.exact + size_t(query) * scan.paddedDims};
    // Whole warps stay together, as the sixteen exchange their sums.
    for (int first = blockIdx.x * 8 + threadIdx.x / 32 * 2; first < count; first += gridDim.x * 8) {
        int i = first + threadIdx.x % 32 / 16;
        size_t row = candidates[min(i, count - 1)].x;
        float score;
        exactScores<1>(scan.floats + row * scan.dims, queries, scan.dims, scan.paddedDims, &score);
        if (threadIdx.x % 16 == 0 && i < count) candidates[i].y = __float_as_uint(score);
    }
}

// One block for each query: the k best of its candidates, best first, as keys: the score's above the complement of the
// row. Equal scores, which +0 and -0 are, go by ascending row.
extern "C" __global__ void __launch_bounds__(SELECTORS) choose(const Scan scan) {
    __shared__ int partial[64];
    __shared__ uint64_t best[2 * SELECTORS];
    __shared__ int taken;
    int query = blockIdx.x, count = min(scan.counts[query], scan.capacity);
    size_t at = size_t(query) * scan.capacity;
    int held = (count + SELECTORS - 1) / SELECTORS;
    uint64_t keys[HELD];
#pragma unroll
    for (int h = 0; h < HELD; h++) {
        int i = h * SELECTORS + threadIdx.x;
        keys[h] = 0;
        if (h < held && i < count) {
            uint2 candidate = scan.candidates[at + i];
            keys[h] = uint64_t(keyOf(__uint_as_float(candidate.y))) << 32 | ~candidate.x;
        }
    }
    uint64_t least = count <= 2 * SELECTORS ? 1 : kthLargest(keys, held, scan.k, partial);
    if (threadIdx.x == 0) taken = 0;
    __syncthreads();
#pragma unroll
    for (int h = 0; h < HELD; h++) {
        if (h < held && keys[h] >= least && keys[h] != 0) best[atomicAdd(&taken, 1)] = keys[h];
    }
    __syncthreads();
    int size = 2;
    while (size < taken) size *= 2;
    for (int i = taken + threadIdx.x; i < size; i += SELECTORS) best[i] = 0;
    __syncthreads();
    for (int run = 2; run <= size; run *= 2) {
        for (int step = run / 2; step > 0; step /= 2) {
            for (int i = threadIdx.x; i < size / 2; i += SELECTORS) {
                int low = 2 * i - (i & (step - 1)), high = low + step;
                uint64_t a = best[low], b = best[high];
                bool descending = (low & run) == 0;
                if (descending ? a < b : a > b) {
                    best[low] = b;
                    best[high] = a;
                }
            }
            __syncthreads();
        }
    }
    int found = min(taken, scan.k);
    for (int i = threadIdx.x; i < found; i += SELECTORS) scan.results[size_t(query) * scan.k + i] = best[i];
    if (threadIdx.x == 0) scan.resultCounts[query] = make_int2(found, scan.overflowed[query]);
}
