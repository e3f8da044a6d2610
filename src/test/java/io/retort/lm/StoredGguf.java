package io.retort.lm;

import io.retort.tensor.GgufBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Small decoders out of random numbers in GGUF files, whose matrices are stored in fewer than 32 bits. */
final class StoredGguf {
    static final int VOCABULARY = 70;
    private static final int DIM = 64;
    private static final int KEYS = 32;
    private static final int INNER = 96;
    private static final int LAYERS = 2;

    /** ggml's types of these codes, with the size of their blocks and where the f16 scales of one are. */
    enum Type {
        F16(1, 1, 2), Q4_1(3, 32, 20, 0, 2), Q8_0(8, 32, 34, 0), BF16(30, 1, 2);

        private final int code;
        private final int elements;
        private final int bytes;
        private final int[] scales;

        Type(int code, int elements, int bytes, int... scales) {
            this.code = code;
            this.elements = elements;
            this.bytes = bytes;
            this.scales = scales;
        }
    }

    private final GgufBytes file = GgufBytes.ofVersion(3);
    private final SplittableRandom random = new SplittableRandom(7);
    private final Type type;

    private StoredGguf(Type type) {
        this.type = type;
    }

    /**
     * Writes a model.
     *
     * @param architecture {@code llama}, whose query and key rows the file has interleaved, or {@code phi3}, whose
     *                     projections it has joined
     * @param tied         whether the head's matrix is that of the embeddings
     */
    static Path write(Path path, String architecture, Type type, boolean tied) throws IOException {
        StoredGguf model = new StoredGguf(type);
        model.metadata(architecture);
        model.matrix("token_embd", VOCABULARY, DIM);
        if (!tied) model.matrix("output", VOCABULARY, DIM);
        model.gains("output_norm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            model.gains(block + "attn_norm");
            model.gains(block + "ffn_norm");
            if (architecture.equals("phi3")) {
                model.matrix(block + "attn_qkv", DIM + 2 * KEYS, DIM);
                model.matrix(block + "ffn_up", 2 * INNER, DIM);
            } else {
                model.matrix(block + "attn_q", DIM, DIM);
                model.matrix(block + "attn_k", KEYS, DIM);
                model.matrix(block + "attn_v", KEYS, DIM);
                model.matrix(block + "ffn_gate", INNER, DIM);
                model.matrix(block + "ffn_up", INNER, DIM);
            }
            model.matrix(block + "attn_output", DIM, DIM);
            model.matrix(block + "ffn_down", DIM, INNER);
        }
        return Files.write(path, model.file.toBytes());
    }

    private void metadata(String architecture) {
        file.string("general.architecture", architecture).integer(architecture + ".embedding_length", DIM)
                .integer(architecture + ".block_count", LAYERS).integer(architecture + ".attention.head_count", 4)
                .integer(architecture + ".attention.head_count_kv", 2)
                .integer(architecture + ".feed_forward_length", INNER).integer(architecture + ".context_length", 64)
                .integer(architecture + ".rope.dimension_count", 16)
                .real(architecture + ".attention.layer_norm_rms_epsilon", 1e-5)
                .real(architecture + ".rope.freq_base", 10000);
        if (architecture.equals("phi3")) file.integer("phi3.rope.scaling.original_context_length", 64);
    }

    private void gains(String name) {
        float[] gains = new float[DIM];
        for (int i = 0; i < DIM; i++) gains[i] = .8f + .4f * (float) random.nextDouble();
        file.tensor(name + ".weight", gains, DIM);
    }

    private void matrix(String name, int rows, int columns) {
        byte[] bytes = new byte[rows * columns / type.elements * type.bytes];
        if (type.scales.length == 0) {
            for (int at = 0; at < bytes.length; at += 2) {
                float value = (float) (random.nextDouble() - .5) * .3f;
                int half = type == Type.F16 ? Float.floatToFloat16(value) : Float.floatToIntBits(value) >>> 16;
                put(bytes, at, half);
            }
        } else {
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; at += type.bytes) {
                put(bytes, at + type.scales[0], Float.floatToFloat16(type == Type.Q8_0 ? .001f : .015f));
                if (type.scales.length > 1) put(bytes, at + type.scales[1], Float.floatToFloat16(-.11f));
            }
        }
        file.tensor(name + ".weight", type.code, bytes, rows, columns);
    }

    private static void put(byte[] bytes, int at, int half) {
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }
}
