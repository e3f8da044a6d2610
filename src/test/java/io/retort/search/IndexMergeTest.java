package io.retort.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.FoldersInMemory;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.Response;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Progress;
import io.retort.simd.WorkerPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexMergeTest {
    private static final int DIMS = 6;

    @TempDir
    Path folder;

    /** Replies of few words, so that they come again in other spellings; some with metadata. */
    @Provide
    Arbitrary<List<Response>> replies() {
        Arbitrary<String> text = Arbitraries.of("tea", "Tea .", "tea.", "no", "NO", "yes", "rain", "sun", "grüße",
                "\uD83D\uDE42", "good bread");
        Arbitrary<Object> value = Arbitraries.oneOf(Arbitraries.integers().map(each -> (Object) each),
                Arbitraries.longs().map(each -> (Object) each), Arbitraries.doubles().map(each -> (Object) each),
                Arbitraries.strings().ofMaxLength(5).filter(IndexMergeTest::isText).map(each -> (Object) each),
                Arbitraries.of(true, false).map(each -> (Object) each),
                Arbitraries.of("a", "b").list().ofMaxSize(3).map(each -> (Object) each));
        Arbitrary<Optional<Map<String, Object>>> metadata = Arbitraries
                .maps(Arbitraries.of("id", "lang", "x y", "ü"), value).ofMaxSize(3)
                .map(map -> Optional.of((Map<String, Object>) new LinkedHashMap<>(map)));
        Arbitrary<Response> reply = Combinators
                .combine(text,
                        Arbitraries.<Optional<Map<String, Object>>>oneOf(metadata, Arbitraries.just(Optional.empty())))
                .as(Response::new);
        return reply.list().ofMinSize(1).ofMaxSize(12);
    }

    private static boolean isText(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static final class Work implements AutoCloseable {
        private final Path folder;

        Work() throws IOException {
            folder = Files.createTempDirectory(FoldersInMemory.place(), "merge");
        }

        Path file(String name) {
            return folder.resolve(name);
        }

        @Override
        public void close() throws IOException {
            Folders.delete(folder);
        }
    }

    private static IndexedReplies indexed(List<Response> replies) {
        IndexedReplies indexed = new IndexedReplies(KeyedBy.REPLY);
        replies.forEach(indexed::add);
        return indexed;
    }

    /** An index as the builder makes it, with a made-up model: the vector depends on the reply's first spelling. */
    private static Path write(Path file, Metric metric, List<Response> replies) throws IOException {
        IndexedReplies indexed = indexed(replies);
        IndexSpec spec = new IndexSpec(ResponseIndexTest.MODEL, metric, DIMS, IndexMetadata.of("made-up", indexed));
        try (IndexWriter writer = IndexWriter.resumeOrCreate(file, spec, indexed.contents())) {
            for (String text : indexed.texts()) writer.append(new float[][]{vector(text)});
            writer.finish();
        }
        return file;
    }

    private static float[] vector(String text) {
        SplittableRandom random = new SplittableRandom(text.hashCode());
        float[] vector = new float[DIMS];
        for (int i = 0; i < DIMS; i++) vector[i] = (float) random.nextGaussian();
        return vector;
    }

    private static IndexMerge.Result merge(Path target, Path... indexes) throws IOException {
        try (WorkerPool pool = new WorkerPool(1)) {
            return IndexMerge.merge(List.of(indexes), target, pool, Progress.NONE);
        }
    }

    private static boolean areApart(List<Response> a, List<Response> b) {
        List<String> forms = a.stream().map(each -> NormalForm.of(each.text())).toList();
        return b.stream().noneMatch(each -> forms.contains(NormalForm.of(each.text())));
    }

    @Property(tries = 30)
    void aMergeIsTheIndexOfAllRepliesBitForBit(@ForAll("replies") List<Response> a, @ForAll("replies") List<Response> b,
            @ForAll Metric metric) throws IOException {
        try (Work work = new Work()) {
            List<Response> all = new ArrayList<>(a);
            all.addAll(b);
            IndexMerge.Result result = merge(work.file("merged"), write(work.file("a"), metric, a),
                    write(work.file("b"), metric, b));
            Path whole = write(work.file("whole"), metric, all);
            // Where a reply came again nobody knows any more who gave it: the count of generated replies is left out.
            if (areApart(a, b)) assertEquals(-1, Files.mismatch(whole, work.file("merged")));
            assertSameRows(whole, work.file("merged"));
            assertEquals(indexed(all).size(), result.replies());
            assertEquals(indexed(a).size() + indexed(b).size() - result.replies(), result.duplicates());
        }
    }

    private static void assertSameRows(Path expected, Path found) throws IOException {
        try (ResponseIndex right = ResponseIndex.open(expected); ResponseIndex index = ResponseIndex.open(found)) {
            assertEquals(right.count(), index.count());
            for (int row = 0; row < right.count(); row++) {
                assertEquals(right.reply(row), index.reply(row));
                assertEquals(right.metadata(row), index.metadata(row));
                assertArrayEquals(right.vectors().read(row), index.vectors().read(row));
            }
        }
    }

    @Property(tries = 30)
    void mergingInPiecesGivesTheSameFile(@ForAll("replies") List<Response> a, @ForAll("replies") List<Response> b,
            @ForAll("replies") List<Response> c) throws IOException {
        try (Work work = new Work()) {
            Path x = write(work.file("x"), Metric.COSINE, a), y = write(work.file("y"), Metric.COSINE, b);
            Path z = write(work.file("z"), Metric.COSINE, c);
            merge(work.file("all"), x, y, z);
            merge(work.file("xy"), x, y);
            merge(work.file("left"), work.file("xy"), z);
            merge(work.file("yz"), y, z);
            merge(work.file("right"), x, work.file("yz"));
            assertEquals(-1, Files.mismatch(work.file("all"), work.file("left")));
            assertEquals(-1, Files.mismatch(work.file("all"), work.file("right")));
        }
    }

    @Property(tries = 40)
    void metadataComeBackAsTheyWereGiven(@ForAll("replies") List<Response> replies) throws IOException {
        try (Work work = new Work();
                ResponseIndex index = ResponseIndex.open(write(work.file("index"),
                        Metric.INNER_PRODUCT, replies))) {
            for (int row = 0; row < index.count(); row++) {
                String form = NormalForm.of(index.reply(row));
                Optional<Map<String, Object>> first = replies.stream()
                        .filter(each -> NormalForm.of(each.text()).equals(form))
                        .flatMap(each -> each.metadata().stream()).findFirst();
                assertEquals(first.map(IndexMergeTest::plain), index.metadata(row).map(IndexMergeTest::plain));
            }
        }
    }

    /** JSON does not tell a small long from an int. */
    private static Map<String, Object> plain(Map<String, Object> metadata) {
        Map<String, Object> plain = new LinkedHashMap<>();
        metadata.forEach((key, value) -> plain.put(key, value instanceof Integer i ? (Object) i.longValue() : value));
        return plain;
    }

    private static List<Response> numbered(String word, int count) {
        List<Response> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(new Response(word + " " + i, i % 3 == 0 ? Optional.of(Map.of("i", i)) : Optional.empty()));
        }
        return replies;
    }

    @Test
    void indexesOfDifferentKindsAreRefusedByName() throws IOException {
        Path a = write(folder.resolve("a"), Metric.COSINE, numbered("a", 3));
        ObjectNode named = JsonNodeFactory.instance.objectNode().put("model", "another");
        ObjectNode byContext = JsonNodeFactory.instance.objectNode().put("keyed_by", "context");
        ModelFingerprint other = new ModelFingerprint("cd".repeat(32));
        List<IndexSpec> specs = List.of(new IndexSpec(other, Metric.COSINE, DIMS, named),
                new IndexSpec(ResponseIndexTest.MODEL, Metric.INNER_PRODUCT, DIMS, named),
                new IndexSpec(ResponseIndexTest.MODEL, Metric.COSINE, DIMS + 1, named),
                new IndexSpec(ResponseIndexTest.MODEL, Metric.COSINE, DIMS, byContext));
        List<List<String>> words = List.of(List.of("another", "made-up"), List.of("inner-product, not cosine"),
                List.of("7, not 6"), List.of("context, not reply"));
        for (int i = 0; i < specs.size(); i++) {
            Path b = folder.resolve("b" + i);
            float[][] vectors = ResponseSearchContract.vectors(new SplittableRandom(i), 1, specs.get(i).dims());
            ResponseIndexTest.write(b, specs.get(i), List.of("x"), vectors);
            Path target = folder.resolve("target");
            String message = assertThrows(BadInput.class, () -> merge(target, a, b)).getMessage();
            assertTrue(message.startsWith(b.toString()), message);
            words.get(i).forEach(word -> assertTrue(message.contains(word), message));
            assertFalse(Files.exists(target));
        }
        assertTrue(assertThrows(BadInput.class, () -> merge(folder.resolve("target"), a, folder.resolve(".").resolve(
                "a"))).getMessage().contains("named twice"));
        assertThrows(IllegalArgumentException.class, () -> merge(folder.resolve("target"), a));
    }

    @Test
    void aDamagedIndexIsNotMerged() throws IOException {
        Path a = write(folder.resolve("a"), Metric.COSINE, numbered("a", 30));
        Path b = write(folder.resolve("b"), Metric.COSINE, numbered("b", 30));
        byte[] bytes = Files.readAllBytes(b);
        bytes[bytes.length / 2] ^= 1;
        Files.write(b, bytes);
        assertThrows(BadInput.class, () -> merge(folder.resolve("target"), a, b));
        assertFalse(Files.exists(folder.resolve("target")));
    }

    @Test
    void anIndexMayBeMergedIntoItselfAndStaysWholeUntilThen() throws Exception {
        Path a = write(folder.resolve("a"), Metric.COSINE, numbered("a", 3000));
        Path b = write(folder.resolve("b"), Metric.COSINE, numbered("b", 3000));
        byte[] before = Files.readAllBytes(a);
        merge(folder.resolve("expected"), a, b);
        try (WorkerPool pool = new WorkerPool(1)) {
            assertThrows(IllegalStateException.class, () -> IndexMerge.merge(List.of(a, b), a, pool, (done, all) -> {
                if (done > 2000) throw new IllegalStateException("stopped");
            }));
        }
        assertArrayEquals(before, Files.readAllBytes(a));
        assertTrue(merge(a, a, b).resumedAt() > 0);
        assertEquals(-1, Files.mismatch(folder.resolve("expected"), a));
    }

    @Test
    void aMergeThatIsReallyKilledLeavesTheOldIndexWhole() throws Exception {
        Path a = write(folder.resolve("a"), Metric.COSINE, numbered("a", 3000));
        Path b = write(folder.resolve("b"), Metric.COSINE, numbered("b", 3000));
        byte[] before = Files.readAllBytes(a);
        merge(folder.resolve("expected"), a, b);
        Process process = process(List.of(), a, b, a);
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.equals("at work")) line = lines.readLine();
            assertEquals("at work", line);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertArrayEquals(before, Files.readAllBytes(a));
        merge(a, a, b);
        assertEquals(-1, Files.mismatch(folder.resolve("expected"), a));
    }

    @Test
    void aMergeThatFindsNoRoomLeavesTheOldIndexWhole() throws Exception {
        Path a = write(folder.resolve("a"), Metric.COSINE, numbered("a", 9000));
        Path b = write(folder.resolve("b"), Metric.COSINE, numbered("b", 9000));
        byte[] before = Files.readAllBytes(a);
        merge(folder.resolve("expected"), a, b);
        assertTrue(Files.size(folder.resolve("expected")) > 1000 * 512);
        // Files of more than 1000 blocks of 512 bytes (1024 in some shells) cannot be written, as on a full disk.
        Process process = process(List.of("sh", "-c", "ulimit -f 500; exec \"$@\"", "sh"), a, b, a);
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(1, process.waitFor(), said);
        assertTrue(said.contains("cannot be written"), said);
        assertArrayEquals(before, Files.readAllBytes(a));
        merge(a, a, b);
        assertEquals(-1, Files.mismatch(folder.resolve("expected"), a));
    }

    private static Process process(List<String> prefix, Path... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData", "--add-modules", "jdk.incubator.vector", "-cp",
                System.getProperty("java.class.path"), Merging.class.getName()));
        for (Path argument : arguments) command.add(argument.toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** What the other process runs: a merge of two indexes that stops for long when it has come far. */
    static final class Merging {
        private Merging() {}

        public static void main(String[] args) throws Exception {
            try (WorkerPool pool = new WorkerPool(1)) {
                IndexMerge.merge(List.of(Path.of(args[0]), Path.of(args[1])), Path.of(args[2]), pool, (done, all) -> {
                    if (all < 10_000 && done > 4000) {
                        System.out.println("at work");
                        try {
                            Thread.sleep(600_000);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
            }
        }
    }
}
