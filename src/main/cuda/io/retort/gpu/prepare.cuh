// Rows and queries in codes of 8 or 16 bits, with the lengths of what the codes leave.
#pragma once
#include "scan.cuh"

// Above all that sums in double, a root and a rounding to float can lose.
__device__ __forceinline__ float up(double length) {
    return nextafterf(float(length * (1 + 0x1p-19)), __int_as_float(0x7f800000));
}

__device__ __forceinline__ double sumOfWarp(double x) {
    for (int h = 16; h > 0; h >>= 1) x += __shfl_xor_sync(~0u, x, h);
    return x;
}

__device__ __forceinline__ float maxOfWarp(float x) {
    for (int h = 16; h > 0; h >>= 1) x = fmaxf(x, __shfl_xor_sync(~0u, x, h));
    return x;
}

// What a code is worth where the largest value is this: for whole numbers of 8 bits, and for binary16, where it is a
// power of two that leaves room above for sums and below for small values.
template <bool HALF>
__device__ __forceinline__ float scaleOf(float largest) {
    if (!(largest >= 0x1p-100f)) return 0;
    if constexpr (HALF) return scalbnf(1, ilogbf(largest) - 10);
    return largest * (1.0f / 127) * (1 + 0x1p-22f);
}

// Sixteen bytes of codes from the values at x[0 .. n), and adds the squares of what they leave.
template <bool HALF>
__device__ __forceinline__ uint4 encode(const float* x, int n, float scale, double& squares) {
    constexpr int CODES = HALF ? 8 : 16;
    uint32_t words[4] = {0, 0, 0, 0};
    double inverse = scale == 0 ? 0 : 1.0 / scale;
#pragma unroll
    for (int i = 0; i < CODES; i++) {
        double value = i < n ? double(x[i]) : 0;
        double worth;
        if constexpr (HALF) {
            __half code = __float2half_rn(float(value * inverse));
            worth = double(__half2float(code));
            words[i / 2] |= uint32_t(__half_as_ushort(code)) << (16 * (i & 1));
        } else {
            worth = fmin(fmax(rint(value * inverse), -127.0), 127.0);
            words[i / 4] |= (uint32_t(int(worth)) & 0xff) << (8 * (i & 3));
        }
        double left = value - worth * double(scale);
        squares += left * left;
    }
    return make_uint4(words[0], words[1], words[2], words[3]);
}

// One block of 256 threads for each tile from firstTile on, which lies at floats: a warp takes every eighth row.
template <bool HALF>
__device__ __forceinline__ void quantizeTile(const float* floats, int firstTile, int count, int dims, int chunks,
        uint8_t* codes, float* scales, float2* tileSlack, float2* rowSlack) {
    __shared__ float largest[8], norms[8], errors[8];
    constexpr int CODES = HALF ? 8 : 16;
    int tile = firstTile + blockIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const float* x = floats + size_t(blockIdx.x) * TILE * dims;
    float most = 0;
    for (int r = warp; r < TILE && tile * TILE + r < count; r += 8) {
        for (int i = lane; i < dims; i += 32) most = fmaxf(most, fabsf(x[size_t(r) * dims + i]));
    }
    most = maxOfWarp(most);
    if (lane == 0) largest[warp] = most;
    __syncthreads();
    for (int w = 0; w < 8; w++) most = fmaxf(most, largest[w]);
    float scale = scaleOf<HALF>(most);
    float longest = 0, worst = 0;
    for (int r = warp; r < TILE; r += 8) {
        int row = tile * TILE + r;
        bool missing = row >= count;
        double squares = 0, left = 0;
        for (int c = lane; c < chunks; c += 32) {
            const float* from = x + size_t(r) * dims + c * CODES;
            int n = missing ? 0 : min(dims - c * CODES, CODES);
            for (int i = 0; i < n; i++) squares += double(from[i]) * from[i];
            uint4 word = encode<HALF>(from, n, scale, left);
            *reinterpret_cast<uint4*>(codes + ((size_t(tile) * chunks + c) * TILE + r) * CHUNK) = word;
        }
        squares = sumOfWarp(squares);
        left = sumOfWarp(left);
        float error = up(sqrt(left)), norm = up(sqrt(squares)), none = __int_as_float(0x7fc00000);
        if (lane == 0) rowSlack[row] = missing ? make_float2(none, none) : make_float2(error, norm);
        if (!missing) {
            longest = fmaxf(longest, norm);
            worst = fmaxf(worst, error);
        }
    }
    if (lane == 0) {
        norms[warp] = longest;
        errors[warp] = worst;
    }
    __syncthreads();
    if (threadIdx.x != 0) return;
    for (int w = 0; w < 8; w++) {
        longest = fmaxf(longest, norms[w]);
        worst = fmaxf(worst, errors[w]);
    }
    scales[tile] = scale;
    tileSlack[tile] = make_float2(worst, longest);
}

extern "C" __global__ void __launch_bounds__(256) quantize_int8(const float* floats, int firstTile, int count, int dims,
        int chunks, uint8_t* codes, float* scales, float2* tileSlack, float2* rowSlack) {
    quantizeTile<false>(floats, firstTile, count, dims, chunks, codes, scales, tileSlack, rowSlack);
}

extern "C" __global__ void __launch_bounds__(256) quantize_float16(const float* floats, int firstTile, int count,
        int dims, int chunks, uint8_t* codes, float* scales, float2* tileSlack, float2* rowSlack) {
    quantizeTile<true>(floats, firstTile, count, dims, chunks, codes, scales, tileSlack, rowSlack);
}

// One block of 128 threads for each slot: a query in codes, and in floats with zeros behind; nothing found yet.
// Beyond the bound of the CPU's codes there is what is lost of a dot product of codes, which is at most
// (|x| + |e|) (|y| + |g|) where the row is x and its error e, the query y and its error g: made a float and scaled, less
// than 4 of 2^-24 of that; in binary16 by the sum of products, in whatever order and rounded or cut off after each, dims
// of 2^-22 (docs/decisions/0026-top-k-on-a-card.md).
template <bool HALF, bool CODED>
__device__ __forceinline__ void prepareQuery(const Scan& scan) {
    __shared__ float largest[4];
    __shared__ double sums[4], lefts[4];
    constexpr int CODES = HALF ? 8 : 16;
    int slot = blockIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    bool missing = slot >= scan.queries;
    float* exact = scan.exact + size_t(slot) * scan.paddedDims;
    const float* given = scan.given + size_t(slot) * scan.dims;
    float most = 0;
    double squares = 0, left = 0;
    for (int i = threadIdx.x; i < scan.paddedDims; i += 128) {
        float x = !missing && i < scan.dims ? given[i] : 0;
        exact[i] = x;
        most = fmaxf(most, fabsf(x));
        squares += double(x) * x;
    }
    most = maxOfWarp(most);
    squares = sumOfWarp(squares);
    if (lane == 0) {
        largest[warp] = most;
        sums[warp] = squares;
    }
    __syncthreads();
    most = fmaxf(fmaxf(largest[0], largest[1]), fmaxf(largest[2], largest[3]));
    double length = sqrt(sums[0] + sums[1] + sums[2] + sums[3]);
    float scale = scaleOf<HALF>(most);
    if constexpr (CODED) {
        for (int c = threadIdx.x; c < scan.chunks; c += 128) {
            int n = missing ? 0 : max(0, min(scan.dims - c * CODES, CODES));
            uint4 word = encode<HALF>(exact + c * CODES, n, scale, left);
            *reinterpret_cast<uint4*>(scan.queryCodes + (size_t(c) * scan.slots + slot) * CHUNK) = word;
        }
        left = sumOfWarp(left);
        if (lane == 0) lefts[warp] = left;
        __syncthreads();
    }
    if (threadIdx.x != 0) return;
    if constexpr (CODED) {
        double error = up(sqrt(lefts[0] + lefts[1] + lefts[2] + lefts[3])), norm = up(length);
        double roundings = ((scan.dims + 15) / 16 + 4) * 0x1p-24, gamma = roundings / (1 - roundings);
        double lost = (4 + (HALF ? 4.0 * scan.dims : 0)) * 0x1p-24;
        scan.bounds[slot] = make_float4(scale, up((norm + error) * (1 + lost)),
                up(error + norm * gamma + (norm + error) * lost), 0);
    }
    scan.thresholds[slot] = __int_as_float(missing ? 0x7f800000 : 0xff800000);
    scan.counts[slot] = 0;
    scan.overflowed[slot] = 0;
}

extern "C" __global__ void __launch_bounds__(128) prepare_int8(const __grid_constant__ Scan scan) {
    prepareQuery<false, true>(scan);
}

extern "C" __global__ void __launch_bounds__(128) prepare_float16(const __grid_constant__ Scan scan) {
    prepareQuery<true, true>(scan);
}

extern "C" __global__ void __launch_bounds__(128) prepare_float32(const __grid_constant__ Scan scan) {
    prepareQuery<false, false>(scan);
}
