package io.retort.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import ai.djl.engine.EngineException;
import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.ints.Int2ObjectMap;
import it.unimi.dsi.fastutil.ints.Int2ObjectMaps;
import it.unimi.dsi.fastutil.ints.IntOpenHashSet;
import it.unimi.dsi.fastutil.ints.IntSet;
import it.unimi.dsi.fastutil.objects.Object2IntMap;

/**
 * A {@code tokenizer.json} as on the Hugging Face Hub, run by the library that defines the format (its Rust code,
 * through DJL); where it is BERT's, ASCII text is read in Java, to the same tokens, and the library is loaded for the
 * first other text. The file's own padding and truncation are off. Never touches the network: the native library lies in
 * the class path, and is unpacked once into DJL's cache ({@code ~/.djl.ai}, or where the property or variable
 * {@code DJL_CACHE_DIR} points).
 */
public final class HuggingFaceTokenizer implements Tokenizer {
    private static final long MAX_FILE_BYTES = 256L << 20;
    private static final Map<String, String> BARE = Map.of("addSpecialTokens", "false", "padding", "false",
            "truncation", "false");

    static {
        // DJL reads these when its first class is loaded; a user's own setting stands.
        setUnlessSet("ai.djl.offline", "true");
        setUnlessSet("OPT_OUT_TRACKING", "true");
    }

    private final Path origin;
    private final byte[] file;
    /** Opened when it is first asked for, if {@link #pieces} are there. */
    private ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library;
    /** What makes tokens of ASCII text; null where only the library can. */
    private final AsciiWordPiece pieces;
    private final Object2IntMap<String> ids;
    private final IntSet special;
    private final IntSet neverFromText;
    private final SpecialTokens specialTokens;
    private final int vocabularySize;
    private final String opening;
    /** Tokens that are decoded as they are written, where the library would take their letters for bytes. */
    private final Int2ObjectMap<String> verbatim;
    /** Ids that only the library knows, and the tokens that stand for each. */
    private final Int2ObjectMap<int[]> lost;
    // Calls share the read lock; closing takes the write lock, so that no call runs on freed native memory.
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    private HuggingFaceTokenizer(Path origin, byte[] file, TokenizerJson json, Int2ObjectMap<int[]> lost) {
        this.origin = origin;
        this.file = file;
        this.lost = lost;
        pieces = lost.isEmpty() ? json.pieces().orElse(null) : null;
        ids = json.ids();
        ids.object2IntEntrySet().removeIf(token -> lost.containsKey(token.getIntValue()));
        opening = json.opening();
        verbatim = json.byteLevel() ? json.added() : Int2ObjectMaps.emptyMap();
        special = json.special();
        neverFromText = new IntOpenHashSet(special);
        neverFromText.remove(json.unknown());
        specialTokens = json.specialTokens();
        vocabularySize = 1 + ids.values().intStream().max().orElseThrow();
    }

    /**
     * Loads the native library, which takes a while, so that the first tokenizer opens at once. Whatever keeps it from
     * loading is for that tokenizer to tell.
     */
    public static void prepare() {
        try {
            LibUtils.checkStatus();
        } catch (RuntimeException | LinkageError e) {
            return;
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) System.setProperty(property, value);
    }

    /**
     * Opens a file.
     *
     * @throws BadInput if it is missing or damaged
     */
    public static HuggingFaceTokenizer open(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw BadInput.in(file, "is larger than " + MAX_FILE_BYTES + " bytes", "name a tokenizer.json");
            }
            return parse(file, Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw BadInput.in(file, "no such file", "check the path").causedBy(e);
        }
    }

    /**
     * Makes a tokenizer of the bytes of a {@code tokenizer.json}.
     *
     * @param origin where the bytes come from, for messages
     * @throws BadInput if they are damaged
     */
    public static HuggingFaceTokenizer parse(Path origin, byte[] json) {
        return parse(origin, json, Int2ObjectMaps.emptyMap());
    }

    /**
     * Makes a tokenizer of a {@code tokenizer.json} with tokens that are none of the model's and fall apart into
     * others.
     *
     * @param lost their ids, above all others, and the tokens into which each falls apart
     */
    static HuggingFaceTokenizer parse(Path origin, byte[] json, Int2ObjectMap<int[]> lost) {
        TokenizerJson prepared = TokenizerJson.parse(origin, json);
        var tokenizer = new HuggingFaceTokenizer(origin, json, prepared, lost);
        if (tokenizer.pieces != null) return tokenizer;
        tokenizer.library = load(origin, prepared.bytes());
        try {
            tokenizer.checkIds(origin, prepared);
            return tokenizer;
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(Path origin, byte[] json) {
        try {
            return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), BARE);
        } catch (EngineException | LinkageError e) {
            throw doesNotLoad(e);
        } catch (IOException | RuntimeException e) {
            throw TokenizerJson.damaged(origin, reason(e)).causedBy(e);
        }
    }

    /** What the library reports, without its stack trace and its position, which counts bytes that no user has seen. */
    private static String reason(Exception e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
        return line.replaceFirst(" at line \\d+ column \\d+.*", "").replaceFirst("^[\\w.$]+(?:Exception|Error): ", "");
    }

    /** DJL's own message does not tell a folder that cannot be written from a machine that it does not know. */
    private static BadInput doesNotLoad(Throwable e) {
        Path cache = Utils.getCacheDir();
        String where = cache + " (DJL_CACHE_DIR=" + Utils.getEnvOrSystemProperty("DJL_CACHE_DIR", "") + ")";
        try {
            Files.delete(Files.createTempFile(Files.createDirectories(cache), "retort", ""));
        } catch (IOException unwritable) {
            return BadInput.of("the native tokenizer library cannot be unpacked: " + where + " cannot be written",
                    "name a writable folder in DJL_CACHE_DIR").causedBy(e);
        }
        return BadInput.of("the native tokenizer library does not load on this machine (" + e.getMessage() + ")",
                "use Linux or Windows on x86-64, Linux or macOS on ARM64, with room for it in " + where).causedBy(e);
    }

    /**
     * Checks the ids of added tokens: the library numbers them itself, and a file that numbers them otherwise would
     * silently shift ids.
     */
    private void checkIds(Path origin, TokenizerJson json) {
        for (int i = 0; i < json.placeholders().size(); i++) {
            int expected = json.placeholderIds().get(i);
            long[] found = library().encode(json.placeholders().get(i), false, false).getIds();
            if (Arrays.stream(found).noneMatch(id -> id == expected)) {
                throw TokenizerJson.damaged(origin, "the id " + expected + " of an added token leaves a hole");
            }
        }
    }

    @Override
    public int[] encode(String text) {
        return alive(() -> {
            boolean isQuick = pieces != null && AsciiWordPiece.reads(text);
            IntStream all = isQuick
                    ? Arrays.stream(pieces.encode(text))
                    : Arrays.stream(raw(wellFormed(text))).mapToInt(Math::toIntExact);
            int[] encoded = all.filter(id -> !neverFromText.contains(id)).toArray();
            return lost.isEmpty()
                    ? encoded
                    : Arrays.stream(encoded)
                            .flatMap(id -> lost.containsKey(id) ? Arrays.stream(lost.get(id)) : IntStream.of(id))
                            .toArray();
        });
    }

    private synchronized ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library() {
        if (library == null) library = load(origin, TokenizerJson.parse(origin, file).bytes());
        return library;
    }

    private long[] raw(String text) {
        try {
            return library().encode(text, false, false).getIds();
        } catch (RuntimeException e) {
            throw unknown(text, e);
        }
    }

    /**
     * The error for a text with something unknown to the vocabulary, the only one that the library reports of texts.
     */
    private static BadInput unknown(String text, RuntimeException cause) {
        String shown = text.length() > 40 ? text.substring(0, text.offsetByCodePoints(0, 20)) + "..." : text;
        return BadInput
                .of("the tokenizer cannot encode `" + shown + "`: it lacks tokens for some of it, and a token for "
                        + "what it does not know", "take the tokenizer that belongs to the model")
                .causedBy(cause);
    }

    /** The special tokens that the file puts before every text, one after the other; often none. */
    public String opening() {
        return opening;
    }

    @Override
    public String decode(int[] tokens) {
        int[] plain = Arrays.stream(tokens).filter(id -> !special.contains(id)).toArray();
        return alive(() -> decodeRuns(plain));
    }

    /**
     * Decodes runs of tokens that stand for bytes together, as the bytes of one character may lie in several tokens.
     */
    private String decodeRuns(int[] tokens) {
        var text = new StringBuilder();
        for (int from = 0; from < tokens.length;) {
            int to = from;
            while (to < tokens.length && !verbatim.containsKey(tokens[to])) to++;
            if (to > from)
                text.append(library().decode(Arrays.stream(tokens, from, to).asLongStream().toArray(), true));
            if (to < tokens.length) text.append(verbatim.get(tokens[to]));
            from = to + 1;
        }
        return text.toString();
    }

    @Override
    public OptionalInt id(String token) {
        return ids.containsKey(token) ? OptionalInt.of(ids.getInt(token)) : OptionalInt.empty();
    }

    @Override
    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    private <T> T alive(Supplier<T> call) {
        life.readLock().lock();
        try {
            if (closed) throw new IllegalStateException("the tokenizer is closed");
            return call.get();
        } finally {
            life.readLock().unlock();
        }
    }

    /**
     * Replaces single halves of surrogate pairs, which UTF-8 cannot hold and which would spoil the characters beside
     * them.
     */
    private static String wellFormed(String text) {
        boolean broken = text.codePoints().anyMatch(HuggingFaceTokenizer::isHalf);
        if (!broken) return text;
        var mended = new StringBuilder(text.length());
        text.codePoints().forEach(c -> mended.appendCodePoint(isHalf(c) ? 0xfffd : c));
        return mended.toString();
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (!closed && library != null) library.close();
            closed = true;
        } finally {
            life.writeLock().unlock();
        }
    }
}
