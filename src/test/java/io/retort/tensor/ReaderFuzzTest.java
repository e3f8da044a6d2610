package io.retort.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.retort.files.BadInput;
import io.retort.lm.DecoderFamilies;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Readers given damaged and hostile files, and used to the full on those they accept: {@link BadInput} is all that may
 * come out, soon, and for little memory. Each file is made from a seed, which a failure names with the file's bytes.
 */
class ReaderFuzzTest {
    private static final int FEW = 2_000;
    private static final int MANY = 40_000;
    private static final long SEED = 20_210_825;
    /** Bytes that one file may cost beyond a multiple of its size: eight readings of every key, most of them refused. */
    private static final long OVERHEAD = 2_000_000;
    private static final int MULTIPLE = 60;

    @TempDir
    private Path folder;

    /** What is fuzzed: well-formed files that have everything their format has. */
    enum Subject {
        GGUF_V2 {
            @Override
            byte[] whole() {
                return llama(2, 32);
            }
        },
        GGUF_V3 {
            @Override
            byte[] whole() {
                return llama(3, 8);
            }
        },
        SAFETENSORS {
            @Override
            byte[] whole() {
                return Samples.Format.SAFETENSORS.bytes();
            }
        },
        PYTORCH_ZIP {
            @Override
            byte[] whole() {
                return PickleBytes.zip(PickleBytes.checkpoint(), PickleBytes.storages());
            }
        },
        PYTORCH_STREAM {
            @Override
            byte[] whole() {
                return PickleBytes.stream(PickleBytes.checkpoint(), PickleBytes.storages());
            }
        },
        SHARD_INDEX {
            @Override
            byte[] whole() {
                return ("{\"metadata\": {\"total_size\": 32}, \"weight_map\": {\"layer.weight\": \"a.safetensors\", "
                        + "\"layer.bias\": \"a.safetensors\"}}\n").getBytes(StandardCharsets.UTF_8);
            }
        };

        abstract byte[] whole();

        private static byte[] llama(int version, int alignment) {
            GgufBytes file = new GgufBytes(version, alignment).string("general.architecture", "llama")
                    .integer("llama.attention.head_count", 4).integer("llama.attention.head_count_kv", 2)
                    .strings("tokenizer.ggml.tokens", "a", "", "Ġé€😀").metadata("nested", GgufValueType.ARRAY,
                            new GgufBytes.Part().array(GgufValueType.ARRAY, 2).array(GgufValueType.UINT8, 2).i8(1).i8(2)
                                    .array(GgufValueType.STRING, 1).text("deep"));
            for (GgufValueType type : GgufValueType.values()) {
                if (type.bytes() == 0) continue;
                file.metadata("one." + type, type, bytes(type, 1));
                var array = new GgufBytes.Part().array(type, 3);
                for (byte value : bytes(type, 3).toBytes()) array.i8(value);
                file.metadata("some." + type, GgufValueType.ARRAY, array);
            }
            for (GgufType type : GgufType.values()) {
                if (!type.isReadable()) continue;
                int columns = type.blockSize();
                file.tensor("t." + type, type.code(), new byte[2 * type.blockBytes()], 2, columns);
            }
            int heads = 4 * 2;
            return file.tensor("blk.0.attn_q.weight", new float[heads * 2], heads, 2)
                    .tensor("blk.0.attn_k.weight", 8, new byte[34 * heads], heads, 32)
                    .tensor("token_embd.weight", new float[3], 3, 1).toPaddedBytes();
        }

        /** {@code count} values of ones and zeros, which are booleans too. */
        private static GgufBytes.Part bytes(GgufValueType type, int count) {
            var part = new GgufBytes.Part();
            for (int i = 0; i < count * type.bytes(); i++) part.i8(i % type.bytes() == 0 ? 1 : 0);
            return part;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void aFewThousandMutationsAreReadOrRefused(Subject subject) throws IOException {
        fuzz(subject, FEW);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    @Timeout(600)
    void manyThousandMutationsAreReadOrRefused(Subject subject) throws IOException {
        // Pickles are programs: of them more are tried.
        fuzz(subject, subject.name().startsWith("PYTORCH") ? 2 * MANY : MANY);
    }

    private void fuzz(Subject subject, int mutations) throws IOException {
        SafetensorsWriter.write(folder.resolve("a.safetensors"), Samples.tensors(), Map.of());
        byte[] whole = subject.whole();
        byte[][] all = Arrays.stream(Subject.values()).map(Subject::whole).toArray(byte[][]::new);
        assertTrue(isRead(subject, whole), "the file itself is read");
        var outcomes = new LinkedHashMap<Boolean, Integer>();
        for (int n = 0; n < mutations; n++) {
            var random = new SplittableRandom(SEED + n);
            byte[] other = all[random.nextInt(all.length)];
            byte[] bytes = new Mutations(random).of(whole, other);
            outcomes.merge(survives(subject, SEED + n, bytes), 1, Integer::sum);
        }
        // A fuzzer that is always refused at the same first check would test nothing.
        assertEquals(2, outcomes.size(), "read and refused: " + outcomes);
        assertTrue(outcomes.get(true) > mutations / 100, "read: " + outcomes);
    }

    private boolean survives(Subject subject, long seed, byte[] bytes) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            boolean read = isRead(subject, bytes);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            long most = OVERHEAD + (long) MULTIPLE * bytes.length;
            assertTrue(allocated < most, () -> allocated + " bytes allocated for " + bytes.length + ", seed " + seed);
            return read;
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            return fail("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
        }
    }

    /** Opens the file and reads all of it that can be; false if the file is refused as a whole. */
    private boolean isRead(Subject subject, byte[] bytes) throws IOException {
        try (TensorFile file = open(subject, bytes)) {
            for (String name : file.tensors().keySet()) isAccepted(() -> Samples.bytes(file.read(name)));
            if (file instanceof GgufFile gguf) {
                isAccepted(() -> readParameters(gguf));
                for (String key : gguf.metadata().keys()) readValue(gguf.metadata(), key);
            }
            return true;
        } catch (BadInput refused) {
            return false;
        }
    }

    private TensorFile open(Subject subject, byte[] bytes) throws IOException {
        Path path = folder.resolve("fuzzed");
        if (subject == Subject.SHARD_INDEX) return ShardedSafetensors.open(Files.write(path, bytes));
        var file = new MappedFile(path, MemorySegment.ofArray(bytes).asReadOnly(), Arena.ofConfined());
        return switch (subject) {
            case SAFETENSORS -> new SafetensorsFile(file);
            case PYTORCH_ZIP, PYTORCH_STREAM -> new PyTorchFile(file);
            default -> new GgufFile(file, DecoderFamilies.KNOWN.namings());
        };
    }

    private static void readParameters(GgufFile file) {
        for (String name : file.parameters().keySet()) {
            isAccepted(() -> file.parameter(name));
            isAccepted(() -> file.parameterBlocks(name));
        }
    }

    private static void readValue(GgufMetadata metadata, String key) {
        isAccepted(() -> metadata.summary(key));
        isAccepted(() -> metadata.integer(key));
        isAccepted(() -> metadata.real(key));
        isAccepted(() -> metadata.string(key));
        isAccepted(() -> metadata.bool(key));
        isAccepted(() -> metadata.strings(key));
        isAccepted(() -> metadata.integers(key));
        isAccepted(() -> metadata.reals(key));
    }

    private static boolean isAccepted(Runnable read) {
        try {
            read.run();
            return true;
        } catch (BadInput refused) {
            return false;
        }
    }
}
