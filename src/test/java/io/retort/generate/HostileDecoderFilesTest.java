package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.retort.files.BadInput;
import io.retort.graph.Engine;
import io.retort.lm.KeyValueCache;
import io.retort.lm.LanguageModel;
import io.retort.lm.LanguageModelFiles;
import io.retort.lm.WeightStorage;
import io.retort.retrieval.TinyTokenizer;
import io.retort.tensor.GgufBytes;
import io.retort.tensor.Mutations;
import io.retort.text.HuggingFaceTokenizer;
import io.retort.text.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever somebody did to a file of a decoder, the model is opened or refused: {@link BadInput} is all that may come out,
 * soon, and for little memory. Some of those that are opened also compute. A failure names the seed and the file's bytes.
 */
class HostileDecoderFilesTest {
    private static final Path FAMILIES = Path.of("src/test/resources/io/retort/lm/families");
    private static final Path TEXT = Path.of("src/test/resources/io/retort/text");
    private static final JsonMapper JSON = new JsonMapper();
    private static final int FEW = 400;
    private static final int MANY = Integer.getInteger("retort.hostile.mutations", 100_000);
    private static final long SEED = 20_271_127;
    private static final int COMPUTED = 1 << 8; // one of so many models that are opened
    private static final long OVERHEAD = 64_000_000; // a model may have a thousand layers, all of which are missing
    private static final int MULTIPLE = 60;
    private static final long LONGEST = 60_000_000_000L; // nanoseconds
    private static final String TYPED = "Go on, it's 3 o'clock \u00e9\u20ac\ud83d\ude00 <s></s> <|im_end|>\n";

    @TempDir
    Path folder;

    /** What is mutated, and how what came of it is opened. */
    enum Reader {
        GGUF_OF_FAMILIES {
            @Override
            List<byte[]> wholes() throws IOException {
                return all(".gguf", "");
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                model(Files.write(folder.resolve("model.gguf"), bytes), compute);
            }
        },
        GGUF_OF_BLOCKS {
            @Override
            List<byte[]> wholes() {
                return List.of(blocks("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "F16"),
                        blocks("Q4_K", "Q6_K", "Q5_K", "BF16", "Q8_0", "F32"));
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                GGUF_OF_FAMILIES.open(folder, bytes, compute);
            }
        },
        CONFIG {
            @Override
            List<byte[]> wholes() throws IOException {
                return all("", "config.json");
            }

            @Override
            byte[] mutated(RandomGenerator random, byte[] whole, byte[] other) throws IOException {
                byte[] changed = random.nextInt(4) > 0 ? spoilt(random, whole) : whole;
                return random.nextInt(4) == 0 ? super.mutated(random, changed, other) : changed;
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                Files.write(folder.resolve("config.json"), bytes);
                // The weights of one family, which only its own configurations fit.
                link(folder, FAMILIES.resolve("llama-yarn/model.safetensors"));
                model(folder, compute);
            }
        },
        SAFETENSORS {
            @Override
            List<byte[]> wholes() throws IOException {
                return List.of(Files.readAllBytes(FAMILIES.resolve("phi3/model.safetensors")));
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                link(folder, FAMILIES.resolve("phi3/config.json"));
                Files.write(folder.resolve("model.safetensors"), bytes);
                model(folder, compute);
            }
        },
        SHARD_INDEX {
            @Override
            List<byte[]> wholes() throws IOException {
                ObjectNode index = JsonNodeFactory.instance.objectNode();
                ObjectNode metadata = index.putObject("metadata").put("total_size", 1);
                for (int i = 0; i < 40; i++) metadata.put("note " + i, "what nobody reads may be anything");
                ObjectNode map = index.putObject("weight_map");
                try (LanguageModelFiles files = LanguageModelFiles.open(FAMILIES.resolve("qwen3"))) {
                    files.check().mapped().forEach(name -> map.put(name, "a.safetensors"));
                }
                return List.of(JSON.writeValueAsBytes(index));
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                link(folder, FAMILIES.resolve("qwen3/config.json"));
                if (!Files.exists(folder.resolve("a.safetensors"))) {
                    Files.copy(FAMILIES.resolve("qwen3/model.safetensors"), folder.resolve("a.safetensors"));
                }
                Files.write(folder.resolve("model.safetensors.index.json"), bytes);
                model(folder, compute);
            }
        },
        SENTENCEPIECE_IN_GGUF {
            @Override
            List<byte[]> wholes() throws IOException {
                JsonNode golden = JSON.readTree(TEXT.resolve("sentencepiece_golden.json").toFile()).get("prefix");
                List<Float> scores = golden.get("scores").valueStream().map(JsonNode::floatValue).toList();
                float[] each = new float[scores.size()];
                for (int i = 0; i < each.length; i++) each[i] = scores.get(i);
                return List.of(vocabulary(golden, "llama").reals("tokenizer.ggml.scores", each)
                        .integer("tokenizer.ggml.bos_token_id", 1).integer("tokenizer.ggml.eos_token_id", 2).toBytes());
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                text(Files.write(folder.resolve("model.gguf"), bytes));
            }
        },
        BYTE_LEVEL_BPE_IN_GGUF {
            @Override
            List<byte[]> wholes() throws IOException {
                JsonNode golden = JSON.readTree(TEXT.resolve("bpe_golden.json").toFile());
                return Stream.of("smollm", "qwen2", "llama-bpe", "tekken").map(rule -> vocabulary(golden, "gpt2")
                        .strings("tokenizer.ggml.merges",
                                golden.get("merges").valueStream().map(JsonNode::textValue).toArray(String[]::new))
                        .string("tokenizer.ggml.pre", rule).toBytes()).toList();
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                text(Files.write(folder.resolve("model.gguf"), bytes));
            }
        },
        TOKENIZER_JSON {
            @Override
            List<byte[]> wholes() throws IOException {
                List<byte[]> wholes = new ArrayList<>(List.of(TinyTokenizer.json(30)));
                Path file = Files.createTempFile("hostile", ".gguf");
                for (Reader kind : List.of(SENTENCEPIECE_IN_GGUF, BYTE_LEVEL_BPE_IN_GGUF)) {
                    for (byte[] gguf : kind.wholes()) {
                        Files.write(file, gguf);
                        try (LanguageModelFiles files = LanguageModelFiles.open(file)) {
                            wholes.add(TeacherText.vocabulary(files.gguf().orElseThrow()).file(file, "<s>"));
                        }
                    }
                }
                Files.delete(file);
                return wholes;
            }

            @Override
            byte[] mutated(RandomGenerator random, byte[] whole, byte[] other) throws IOException {
                byte[] changed = random.nextInt(4) > 0 ? spoilt(random, whole) : whole;
                return random.nextInt(3) == 0 ? super.mutated(random, changed, other) : changed;
            }

            @Override
            void open(Path folder, byte[] bytes, boolean compute) throws IOException {
                Path file = Files.write(folder.resolve("tokenizer.json"), bytes);
                try (Tokenizer tokenizer = HuggingFaceTokenizer.open(file)) {
                    speak(tokenizer);
                }
            }
        };

        abstract List<byte[]> wholes() throws IOException;

        abstract void open(Path folder, byte[] bytes, boolean compute) throws IOException;

        byte[] mutated(RandomGenerator random, byte[] whole, byte[] other) throws IOException {
            Mutations mutations = new Mutations(random);
            if (whole.length < 4096 || random.nextInt(4) == 0) return mutations.of(whole, other);
            // Tables of contents come first, and are a small part of a file of weights.
            int head = 1024 + random.nextInt(Math.min(whole.length - 1024, 1 << 13));
            byte[] start = mutations.of(Arrays.copyOf(whole, head), Arrays.copyOf(other, Math.min(other.length, head)));
            byte[] all = Arrays.copyOf(start, start.length + whole.length - head);
            System.arraycopy(whole, head, all, start.length, whole.length - head);
            return all;
        }

        private static List<byte[]> all(String suffix, String within) throws IOException {
            List<byte[]> all = new ArrayList<>();
            try (Stream<Path> files = Files.list(FAMILIES)) {
                for (Path file : files.filter(each -> suffix.isEmpty()
                        ? Files.isDirectory(each)
                        : each.toString().endsWith(suffix)).sorted().toList()) {
                    all.add(Files.readAllBytes(file.resolve(within)));
                }
            }
            return all;
        }

        /** A model of one layer, each of whose matrices has another type. */
        private static byte[] blocks(String... types) {
            GgufBytes file = header("llama").integer("llama.block_count", 1).integer("llama.embedding_length", 256)
                    .integer("llama.attention.head_count", 1).integer("llama.attention.key_length", 4)
                    .integer("llama.attention.value_length", 4).integer("llama.feed_forward_length", 32)
                    .blocks("token_embd.weight", types[0], 8, 256).blocks("output.weight", types[1], 8, 256)
                    .blocks("blk.0.attn_q.weight", types[2], 4, 256).blocks("blk.0.attn_k.weight", types[3], 4, 256)
                    .blocks("blk.0.attn_v.weight", types[4], 4, 256).blocks("blk.0.attn_output.weight", "F16", 256, 4)
                    .blocks("blk.0.ffn_gate.weight", types[5], 32, 256).blocks("blk.0.ffn_up.weight", types[2], 32, 256)
                    .blocks("blk.0.ffn_down.weight", "Q8_0", 256, 32);
            for (String norm : List.of("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")) {
                file.tensor(norm + ".weight", new float[256], 256);
            }
            return file.toBytes();
        }

        private static GgufBytes header(String architecture) {
            return GgufBytes.ofVersion(3).string("general.architecture", architecture)
                    .integer(architecture + ".context_length", 64)
                    .real(architecture + ".attention.layer_norm_rms_epsilon", 1e-5);
        }

        private static GgufBytes vocabulary(JsonNode golden, String model) {
            String[] tokens = golden.get("tokens").valueStream().map(JsonNode::textValue).toArray(String[]::new);
            return header("llama").integer("llama.block_count", 2).integer("llama.embedding_length", 4)
                    .integer("llama.attention.head_count", 2).integer("llama.feed_forward_length", 8)
                    .string("tokenizer.ggml.model", model).strings("tokenizer.ggml.tokens", tokens)
                    .integers("tokenizer.ggml.token_type",
                            golden.get("types").valueStream().mapToInt(JsonNode::intValue).toArray())
                    .tensor("token_embd.weight", new float[4 * tokens.length], tokens.length, 4);
        }

        private static void link(Path folder, Path file) throws IOException {
            Path there = folder.resolve(file.getFileName());
            if (!Files.exists(there)) Files.copy(file, there);
        }

        private static void model(Path path, boolean compute) throws IOException {
            try (LanguageModelFiles files = LanguageModelFiles.open(path)) {
                files.check();
                if (!compute) return;
                for (WeightStorage storage : WeightStorage.values()) {
                    try (LanguageModel model = files.load(Engine.simd(1), storage);
                            KeyValueCache cache = model.cache()) {
                        cache.append(List.of(cache.begin()), List.of(new int[]{1, 0, 2}));
                    }
                }
            }
        }

        private static void text(Path path) throws IOException {
            try (LanguageModelFiles files = LanguageModelFiles.open(path)) {
                try (Tokenizer tokenizer = TeacherText.of(files).tokenizer()) {
                    speak(tokenizer);
                }
            }
        }

        private static void speak(Tokenizer tokenizer) {
            tokenizer.decode(tokenizer.encode(TYPED));
            tokenizer.decode(tokenizer.encode(""));
        }

        /** JSON of which one to three values are replaced by what a hostile author may write there. */
        private static byte[] spoilt(RandomGenerator random, byte[] json) throws IOException {
            JsonNode root = JSON.readTree(json);
            for (int n = 1 + random.nextInt(3); n > 0; n--) spoil(random, root);
            return JSON.writeValueAsBytes(root);
        }

        private static void spoil(RandomGenerator random, JsonNode within) {
            JsonNode at = within;
            while (at.size() > 0) {
                int place = random.nextInt(at.size());
                String key = at instanceof ObjectNode object
                        ? object.properties().stream().skip(place).findFirst()
                                .orElseThrow().getKey()
                        : "";
                JsonNode value = at instanceof ObjectNode ? at.get(key) : at.get(place);
                if (value.size() == 0 || random.nextInt(3) == 0) {
                    if (at instanceof ObjectNode object) {
                        if (random.nextInt(6) == 0) object.remove(key);
                        else object.set(key, hostile(random, value));
                    } else((ArrayNode) at).set(place, hostile(random, value));
                    return;
                }
                at = value;
            }
        }

        private static JsonNode hostile(RandomGenerator random, JsonNode value) {
            JsonNodeFactory nodes = JsonNodeFactory.instance;
            double[] numbers = {0, -1, 1e-300, 1e300, Double.NaN, Double.POSITIVE_INFINITY, 0.5, 4e9, 1e19};
            String[] texts = {"", "yarn", "longrope", "linear", "llama3", "dynamic", "\u0000", "\ud800", "(", "[UNK]",
                "Sequence", "BPE", "Unigram", "WordPiece", "WordLevel", "ByteLevel", "Split", "Metaspace",
                "a".repeat(5000)};
            return switch (random.nextInt(9)) {
                case 0 -> nodes.numberNode(numbers[random.nextInt(numbers.length)]);
                case 1 -> nodes.numberNode(1 << random.nextInt(32));
                case 2 -> nodes.numberNode(random.nextInt(20) - 2);
                case 3 -> nodes.textNode(texts[random.nextInt(texts.length)]);
                case 4 -> nodes.nullNode();
                case 5 -> nodes.booleanNode(random.nextBoolean());
                case 6 -> random.nextBoolean() ? nodes.arrayNode() : nodes.objectNode();
                case 7 -> nodes.arrayNode().add(value.deepCopy()).add(value.deepCopy());
                default -> nodes.objectNode().put("rope_type", texts[1 + random.nextInt(5)]).put("factor", 4)
                        .put("original_max_position_embeddings", random.nextInt(64) - 1);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void aFewMutationsOfEachFileAreReadOrRefused(Reader reader) throws IOException {
        fuzz(reader, FEW, SEED);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void manyMutationsOfEachFileAreReadOrRefused(Reader reader) throws IOException {
        fuzz(reader, MANY, SEED + FEW);
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void theFilesThatAreMutatedAreGoodOnes(Reader reader) throws IOException {
        // The weights beside them are of one family, so that most configurations are refused for their weights alone.
        if (reader == Reader.CONFIG) return;
        for (byte[] whole : reader.wholes()) reader.open(folder, whole, true);
    }

    private void fuzz(Reader reader, int mutations, long seed) throws IOException {
        long start = System.nanoTime();
        List<byte[]> wholes = reader.wholes();
        Map<Boolean, Integer> outcomes = new LinkedHashMap<>();
        for (int n = 0; n < mutations; n++) {
            RandomGenerator random = new SplittableRandom(seed + n);
            byte[] whole = wholes.get(n % wholes.size()), other = wholes.get(random.nextInt(wholes.size()));
            outcomes.merge(survives(reader, seed + n, reader.mutated(random, whole, other)), 1, Integer::sum);
        }
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        if (mutations > FEW) {
            System.out.println(reader + ", " + mutations + " mutations, opened: " + outcomes + ", " + seconds + " s");
        }
        // A fuzzer that is always refused at the same first check would test nothing.
        assertEquals(2, outcomes.size(), "read and refused: " + outcomes);
        assertTrue(outcomes.get(true) >= mutations / 100, "read: " + outcomes);
    }

    private boolean survives(Reader reader, long seed, byte[] bytes) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        boolean compute = seed % COMPUTED == 0;
        long before = threads.getCurrentThreadAllocatedBytes(), start = System.nanoTime();
        boolean read;
        try {
            reader.open(folder, bytes, compute);
            read = true;
        } catch (BadInput refused) {
            read = false;
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            return fail(reader + ", seed " + seed + ": " + hex(bytes), e);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before, took = System.nanoTime() - start;
        assertTrue(compute || allocated < OVERHEAD + (long) MULTIPLE * bytes.length,
                () -> allocated + " bytes allocated for " + bytes.length + ", seed " + seed);
        assertTrue(took < LONGEST, () -> took / 1e9 + " s, seed " + seed + ": " + hex(bytes));
        return read;
    }

    private static String hex(byte[] bytes) {
        return bytes.length > 4096
                ? bytes.length + " bytes"
                : HexFormat.of().formatHex(bytes) + " " + new String(bytes, StandardCharsets.UTF_8);
    }
}
