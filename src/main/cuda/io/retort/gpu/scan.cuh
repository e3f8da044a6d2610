// What the kernels of the top-k search share: how rows, queries and candidates lie in memory, and the bounds of a score.
// The Java class ScalarSteps is the specification of all of this; the names here are its.
#pragma once
#include <cstdint>
#include <cuda_fp16.h>

// Rows of a tile. Codes of a tile lie as [chunk][row][16 bytes]: what a warp reads is contiguous, whether a thread
// follows one row or a matrix instruction takes eight of them, and any number of chunks can be copied as one block.
constexpr int TILE = 64;
constexpr int CHUNK = 16;
// Candidates of a query for which there is room.
constexpr int CAPACITY = 16384;
// What a product of two scales may lose where it underflows: 2^-150 for each unit of a dot product of codes, which is at
// most 2^38: dims of 2^16, binary16 codes of 2^11. Four times that.
constexpr float UNDERFLOW = 0x1p-110f;

// Where everything lies; filled in by Java, field by field, at these offsets.
struct Scan {
    const uint8_t* codes;        //   0  [tiles][chunks][TILE][CHUNK]
    const float* scales;         //   8  [tiles]: a code times this is a value
    const float2* tileSlack;     //  16  [tiles]: the largest error and norm of a tile's rows
    const float2* rowSlack;      //  24  [tiles * TILE]: length of what the codes leave of a row, and of the row; NaN: no row
    const float* floats;         //  32  [rows][dims]: the rows themselves, or null
    const uint32_t* allowed;     //  40  bit r of word r / 32: row r may be found; null: all
    const float* given;          //  48  [queries][dims], as the host wrote them
    float* exact;                //  56  [slots][padded dims]: the queries, zeros behind
    uint8_t* queryCodes;         //  64  [chunks][slots][CHUNK]
    float4* bounds;              //  72  [slots]: scale, what a unit of error and of norm is worth
    float* thresholds;           //  80  [slots]: a score below it is not among the k best
    int* counts;                 //  88  [slots]: candidates so far; above CAPACITY: some were lost
    int* overflowed;             //  96  [slots]: whether any ever were
    uint2* candidates;           // 104  [slots][CAPACITY]: row and dot product; after rescoring, row and score
    uint2* kept;                 // 112  [slots][CAPACITY]: where those go that are kept; the two change places then
    uint64_t* results;           // 120  [queries][k]: keys, best first
    int2* resultCounts;          // 128  [queries]: how many, and whether candidates were lost
    uint4* lists;                // 136  [blocks][LIST]: what a block of the batch kernels found
    int count;                   // 144  rows
    int dims;                    // 148
    int paddedDims;              // 152  a multiple of 16
    int chunks;                  // 156  a multiple of 8
    int queries;                 // 160
    int slots;                   // 164  queries for which there is room
    int k;                       // 168
};

// A part of the tiles: the multiples of a stride, without those of ratio times the stride, which were visited before.
struct Phase {
    int first;                   //   0  tile
    int tiles;                   //   4  how many
    int stride;                  //   8
    int ratio;                   //  12  0: no tile was visited before
    int direct;                  //  16  not 0: every row becomes a candidate, at a place of its own
    int firstQuery;              //  20
    int pad[2];
};

__device__ __forceinline__ int tileOf(const Phase& phase, int visit) {
    int multiple = phase.ratio == 0 ? visit : visit + visit / (phase.ratio - 1) + 1;
    return phase.first + multiple * phase.stride;
}

__device__ __forceinline__ bool isAllowed(const Scan& scan, int row) {
    return scan.allowed == nullptr || (scan.allowed[row >> 5] >> (row & 31) & 1) != 0;
}

__device__ __forceinline__ bool isFindable(const Scan& scan, int row) {
    return row < scan.count && isAllowed(scan, row);
}

// A candidate: its row, and the bits of its dot product, of which the bounds are made when it is weighed (CodedDot). In a
// direct phase a row that may not be found is -1.
__device__ __forceinline__ void found(const Scan& scan, const Phase& phase, int visit, int row, int query, uint32_t dot) {
    bool out = !isFindable(scan, row);
    int place = visit * TILE + row % TILE;
    if (!phase.direct) {
        if (out) return;
        place = atomicAdd(scan.counts + query, 1);
        if (place >= CAPACITY) return;
    }
    uint2* to = scan.candidates + size_t(query) * CAPACITY + place;
    *to = make_uint2(out ? ~0u : uint32_t(row), dot);
}

// A direct phase finds as many candidates as it has rows.
__device__ __forceinline__ void countDirect(const Scan& scan, const Phase& phase, int queries) {
    if (!phase.direct || blockIdx.x != 0 || threadIdx.x >= queries) return;
    int query = phase.firstQuery + threadIdx.x;
    if (query < scan.queries) scan.counts[query] = phase.tiles * TILE;
}

__device__ __forceinline__ uint32_t bitsOf(int dot) { return uint32_t(dot); }
__device__ __forceinline__ uint32_t bitsOf(float dot) { return __float_as_uint(dot); }

// Below which dot product no row of a tile can reach the query's threshold; lower than necessary, by rounding.
__device__ __forceinline__ float tileThreshold(float threshold, float4 bound, float2 tileSlack, float scale) {
    float slack = fmaf(tileSlack.x, bound.y, fmaf(tileSlack.y, bound.z, UNDERFLOW)) * (1 + 0x1p-16f);
    float unit = scale * bound.x, above = threshold - slack;
    // Dot products are below 2^39: so small a unit makes next to nothing of them.
    if (!(unit >= 0x1p-120f)) return above > 0x1p-80f ? __int_as_float(0x7f800000) : __int_as_float(0xff800000);
    float wanted = fminf(above / unit, 1e30f);
    return wanted - fabsf(wanted) * 0x1p-18f - 1e-6f;
}

// The same for whole numbers. Sums of codes are below 1.07e9 (2^16 dims of 127^2), and so their differences from it fit.
__device__ __forceinline__ int wholeThreshold(float threshold) {
    return __float2int_rd(fminf(fmaxf(threshold, -1.07e9f), 1.07e9f)) - 1;
}

// Greater floats have greater keys; NaN has the least.
__device__ __forceinline__ uint32_t keyOf(float value) {
    if (value != value) return 0;
    uint32_t bits = __float_as_uint(value + 0.0f);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ float valueOf(uint32_t key) {
    return __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

// What a block of the batch kernels has found lies in a list of its own until the block ends: to be told its place among a
// query's candidates, a thread waits for the far side of the chip, and the tensor cores with it.
constexpr int LIST = 8192;

struct Findings {
    const uint32_t* allowed;
    int* counts;
    uint2* candidates;
    uint4* list;
    int count;
    // Counts on where the list is full.
    int taken;

    // In shared memory, by one thread.
    __device__ void init(const Scan& scan) {
        allowed = scan.allowed;
        counts = scan.counts;
        candidates = scan.candidates;
        list = scan.lists + size_t(blockIdx.y * gridDim.x + blockIdx.x) * LIST;
        count = scan.count;
        taken = 0;
    }

    __device__ __forceinline__ void add(int row, int query, uint32_t dot) {
        if (row >= count || (allowed != nullptr && (allowed[row >> 5] >> (row & 31) & 1) == 0)) return;
        int place = atomicAdd(&taken, 1);
        if (place < LIST) list[place] = make_uint4(row, query, dot, 0);
        else settle(row, query, dot);
    }

    // Its place among the candidates of its query.
    __device__ __forceinline__ void settle(uint32_t row, uint32_t query, uint32_t dot) {
        int place = atomicAdd(counts + query, 1);
        if (place < CAPACITY) candidates[size_t(query) * CAPACITY + place] = make_uint2(row, dot);
    }

    // After a barrier; by all threads of the block that are left.
    __device__ __forceinline__ void handOver(int thread, int threads) {
        int entries = min(taken, LIST);
        for (int i = thread; i < entries; i += threads) settle(list[i].x, list[i].y, list[i].z);
    }
};
