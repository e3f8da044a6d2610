// From candidates to the k best: thresholds, scores in float32, selection.
#pragma once
#include "stream.cuh"

// The greatest k.
constexpr int MOST = 1024;
// The greatest k for which thresholds are scores, rather than bounds.
constexpr int SCORED = 256;
// Bits of a key that a threshold needs.
constexpr int COARSE = 22;
// Threads of the selecting kernels at most.
constexpr int SELECTORS = 1024;

// Dynamic shared memory of the selecting kernels: a key for each candidate.
extern __shared__ uint32_t keys[];

// The sum over a block, for all of its threads. Calls must alternate between two places of 32 partial sums.
__device__ __forceinline__ int sumOfBlock(int x, int* partial) {
    int lane = threadIdx.x % 32;
    x = __reduce_add_sync(~0u, x);
    if (lane == 0) partial[threadIdx.x / 32] = x;
    __syncthreads();
    return __reduce_add_sync(~0u, lane < blockDim.x / 32 ? partial[lane] : 0);
}

// The greatest number, of which only the upper bits may be set, that at least k of the keys reach; 0 if there are not so
// many above it.
__device__ __forceinline__ uint32_t kthLargest(int count, int k, int bits) {
    __shared__ int partial[2 * 32];
    uint32_t kth = 0;
    for (int bit = 31; bit >= 32 - bits; bit--) {
        uint32_t trial = kth | 1u << bit;
        int reached = 0;
        for (int i = threadIdx.x; i < count; i += blockDim.x) reached += keys[i] >= trial;
        if (sumOfBlock(reached, partial + 32 * (bit & 1)) >= k) kth = trial;
    }
    __syncthreads();
    return kth;
}

// The least score of k candidates whose lower bounds reach one that k of them do: no worse is among the k best.
__device__ __forceinline__ float leastOfBest(const Scan& scan, int query, int count, uint32_t kth) {
    __shared__ int best[SCORED], taken, least;
    if (threadIdx.x == 0) {
        taken = 0;
        least = 0x7fffffff;
    }
    __syncthreads();
    const uint2* candidates = scan.candidates + size_t(query) * CAPACITY;
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        if (keys[i] < kth) continue;
        int place = atomicAdd(&taken, 1);
        if (place < scan.k) best[place] = int(candidates[i].x);
    }
    __syncthreads();
    const float* queries[1] = {scan.exact + size_t(query) * scan.paddedDims};
    // Whole warps stay together, as sixteen threads exchange their sums.
    for (int first = threadIdx.x / 32 * 2; first < scan.k; first += blockDim.x / 16) {
        size_t row = best[min(first + int(threadIdx.x) % 32 / 16, scan.k - 1)];
        float score;
        exactScores<1>(scan.floats + row * scan.dims, queries, scan.dims, scan.paddedDims, &score);
        // Signed whole numbers in the order of floats.
        if (threadIdx.x % 16 == 0) atomicMin(&least, int(keyOf(score) ^ 0x80000000u));
    }
    __syncthreads();
    return valueOf(uint32_t(least) ^ 0x80000000u);
}

// One block for each query: raises its threshold and keeps the candidates whose upper bound reaches it, in no particular
// order. The threshold is the k-th best lower bound, or better, the least score of those k. Every one of the k best has
// a score, and so an upper bound, at or above it.
template <typename Dot>
__device__ __forceinline__ void tighten(const Scan& scan) {
    __shared__ int kept;
    int query = blockIdx.x, count = scan.counts[query];
    if (count > CAPACITY) {
        count = CAPACITY;
        if (threadIdx.x == 0) scan.overflowed[query] = 1;
    }
    const uint2* candidates = scan.candidates + size_t(query) * CAPACITY;
    uint2* to = scan.kept + size_t(query) * CAPACITY;
    Dot bounds(scan, query);
#pragma unroll 4
    for (int i = threadIdx.x; i < count; i += blockDim.x) keys[i] = keyOf(bounds.of(scan, candidates[i]).x);
    float threshold = scan.thresholds[query];
    if (threadIdx.x == 0) kept = 0;
    __syncthreads();
    uint32_t kth = kthLargest(count, scan.k, COARSE);
    if (kth != 0) {
        threshold = fmaxf(threshold, valueOf(kth));
        if (Dot::BOUNDED && scan.floats != nullptr && scan.k <= SCORED) {
            threshold = fmaxf(threshold, leastOfBest(scan, query, count, kth));
        }
    }
    int lane = threadIdx.x % 32;
#pragma unroll 4
    for (int first = 0; first < count; first += blockDim.x) {
        int i = first + threadIdx.x;
        uint2 candidate = make_uint2(~0u, 0);
        if (i < count) candidate = candidates[i];
        bool keep = bounds.of(scan, candidate).y >= threshold;
        uint32_t keepers = __ballot_sync(~0u, keep);
        if (keepers == 0) continue;
        int place = 0;
        if (lane == 0) place = atomicAdd(&kept, __popc(keepers));
        place = __shfl_sync(~0u, place, 0);
        if (keep) to[place + __popc(keepers & ((1u << lane) - 1))] = candidate;
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    scan.counts[query] = kept;
    scan.thresholds[query] = threshold;
}

__device__ __forceinline__ float2 noBounds() {
    float none = __int_as_float(0x7fc00000);
    return make_float2(none, none);
}

// Bounds of a candidate's score, from below and above, by the dot product of its codes; NaN if it is none.
template <typename Sum>
struct CodedDot {
    static constexpr bool BOUNDED = true;
    float4 bound;

    __device__ CodedDot(const Scan& scan, int query) : bound(scan.bounds[query]) {}

    static __device__ __forceinline__ float value(uint32_t bits, int) { return float(int(bits)); }
    static __device__ __forceinline__ float value(uint32_t bits, float) { return __uint_as_float(bits); }

    __device__ __forceinline__ float2 of(const Scan& scan, uint2 candidate) const {
        if (candidate.x == ~0u) return noBounds();
        float2 slackOf = scan.rowSlack[candidate.x];
        float slack = fmaf(slackOf.x, bound.y, fmaf(slackOf.y, bound.z, UNDERFLOW));
        float unit = scan.scales[candidate.x / TILE] * bound.x, dot = value(candidate.y, Sum());
        return make_float2(fmaf(dot, unit, -slack), fmaf(dot, unit, slack));
    }
};

// The dot product is the score.
struct ExactDot {
    static constexpr bool BOUNDED = false;

    __device__ ExactDot(const Scan&, int) {}

    __device__ __forceinline__ float2 of(const Scan&, uint2 candidate) const {
        float score = __uint_as_float(candidate.y);
        return candidate.x == ~0u ? noBounds() : make_float2(score, score);
    }
};

extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_int8(const __grid_constant__ Scan scan) {
    tighten<CodedDot<int>>(scan);
}

extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_float16(const __grid_constant__ Scan scan) {
    tighten<CodedDot<float>>(scan);
}

extern "C" __global__ void __launch_bounds__(SELECTORS) tighten_float32(const __grid_constant__ Scan scan) {
    tighten<ExactDot>(scan);
}

// Sixteen threads for each candidate; block y is the query. The score takes the place of the dot product.
extern "C" __global__ void __launch_bounds__(128) rescore(const __grid_constant__ Scan scan) {
    int query = blockIdx.y, count = min(scan.counts[query], CAPACITY);
    uint2* candidates = scan.candidates + size_t(query) * CAPACITY;
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

__device__ __forceinline__ uint64_t resultOf(uint2 candidate) {
    return uint64_t(keyOf(__uint_as_float(candidate.y))) << 32 | uint32_t(~candidate.x);
}

// One block for each query: the k best of its candidates, best first, as keys: the score's above the complement of the
// row. Equal scores, which +0 and -0 are, go by ascending row.
extern "C" __global__ void __launch_bounds__(SELECTORS) choose(const __grid_constant__ Scan scan) {
    __shared__ uint64_t best[2 * MOST];
    __shared__ int taken;
    int query = blockIdx.x, count = min(scan.counts[query], CAPACITY);
    const uint2* candidates = scan.candidates + size_t(query) * CAPACITY;
    if (threadIdx.x == 0) taken = 0;
    __syncthreads();
    if (count <= 2 * MOST) {
        for (int i = threadIdx.x; i < count; i += blockDim.x) best[i] = resultOf(candidates[i]);
        if (threadIdx.x == 0) taken = count;
    } else {
        for (int i = threadIdx.x; i < count; i += blockDim.x) keys[i] = uint32_t(resultOf(candidates[i]) >> 32);
        __syncthreads();
        uint32_t score = kthLargest(count, scan.k, 32);
        // All that are better, and of those that are equal the first rows.
        for (int i = threadIdx.x; i < count; i += blockDim.x) {
            uint32_t key = keys[i];
            if (key > score) best[atomicAdd(&taken, 1)] = resultOf(candidates[i]);
            keys[i] = key == score ? ~candidates[i].x : 0;
        }
        __syncthreads();
        int wanted = scan.k - taken;
        __syncthreads();
        uint32_t row = kthLargest(count, wanted, 32);
        for (int i = threadIdx.x; i < count; i += blockDim.x) {
            if (keys[i] != 0 && keys[i] >= row) best[atomicAdd(&taken, 1)] = resultOf(candidates[i]);
        }
    }
    __syncthreads();
    int size = 2;
    while (size < taken) size *= 2;
    for (int i = taken + threadIdx.x; i < size; i += blockDim.x) best[i] = 0;
    __syncthreads();
    for (int run = 2; run <= size; run *= 2) {
        for (int step = run / 2; step > 0; step /= 2) {
            for (int i = threadIdx.x; i < size / 2; i += blockDim.x) {
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
    int chosen = min(taken, scan.k);
    for (int i = threadIdx.x; i < chosen; i += blockDim.x) scan.results[size_t(query) * scan.k + i] = best[i];
    if (threadIdx.x == 0) scan.resultCounts[query] = make_int2(chosen, scan.overflowed[query]);
}
