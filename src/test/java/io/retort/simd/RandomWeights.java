package io.retort.simd;

import io.retort.tensor.ElementType;
import io.retort.tensor.QuantizedTensor;
import io.retort.tensor.QuantizedType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Random weights as files store them: every bit of codes is random, scales are of ordinary size. */
final class RandomWeights {
    private final SplittableRandom random;

    RandomWeights(long seed) {
        this.random = new SplittableRandom(seed);
    }

    QuantizedTensor of(QuantizedType type, int rows, int blocks) {
        byte[] bytes = new byte[rows * blocks * type.blockBytes()];
        random.nextBytes(bytes);
        for (int at = 0; at < bytes.length; at += type.blockBytes()) {
            switch (type) {
                case Q4_0, Q5_0, Q8_0 -> scale(bytes, at);
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    scale(bytes, at);
                    scale(bytes, at + 2);
                }
                case Q6_K -> scale(bytes, at + 208);
            }
        }
        return new QuantizedTensor(type, Shape.of(rows, blocks * type.blockSize()), MemorySegment.ofArray(bytes));
    }

    /** Of either sign; some are zero or so small that a half float is not normal. */
    private void scale(byte[] bytes, int at) {
        float value = (random.nextFloat() - .5f) * switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1 -> 1e-5f;
            default -> .1f;
        };
        short half = Float.floatToFloat16(value);
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    Tensor of(ElementType half, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() - .5f) * (random.nextInt(20) == 0 ? 1e-5f : 1);
        }
        return Tensor.of(values, rows, columns).to(half);
    }
}
