package io.retort.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.Origin;
import io.retort.dialogue.Turn;
import io.retort.distill.TeacherScore;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {
    private static final TrainingData.Selection ORIGINALS = new TrainingData.Selection(4, 3, 2, false,
            Optional.empty());
    private static final TrainingData.Selection AUGMENTED = new TrainingData.Selection(4, 3, 2, true,
            Optional.of(TeacherScore.MI));

    @TempDir
    private Path folder;

    private Path dialogues(String name, int count) throws IOException {
        List<Dialogue> dialogues = IntStream.range(0, count)
                .mapToObj(i -> dialogue(name + i, "question " + name + " " + i, "the answer to " + name + " " + i))
                .toList();
        return written(name, dialogues);
    }

    private static Dialogue dialogue(String id, String... texts) {
        List<Turn> turns = new ArrayList<>();
        for (String text : texts) turns.add(new Turn(turns.size() % 2 == 0 ? "A" : "B", text));
        return new Dialogue(id, "test", turns);
    }

    private Path written(String name, List<Dialogue> dialogues) throws IOException {
        Path file = folder.resolve(name + ".jsonl");
        DialogueFile.FORMAT.write(file, dialogues);
        return file;
    }

    private static Candidate scored(String text, Origin origin, double mi) {
        return new Candidate(text, origin, OptionalDouble.of(-1), OptionalDouble.of(mi));
    }

    private Path distilled(Distilled... contexts) throws IOException {
        Path file = folder.resolve("distilled.jsonl");
        DistilledFile.FORMAT.write(file, List.of(contexts));
        return file;
    }

    private static TrainingData read(Path file, TrainingData.Selection selection) throws IOException {
        return TrainingData.read(List.of(new WeightedFile(file, 1)), selection);
    }

    @Test
    void shortRepliesAndFurtherOnesOfARepeatedReplyAreLeftOut() throws IOException {
        Path file = written("repeated", List.of(dialogue("a", "one", "I do not know"), dialogue("b", "two", "no idea"),
                dialogue("c", "three", "i do  not know"), dialogue("d", "four", "I do not know")));
        TrainingData data = read(file, ORIGINALS);
        assertEquals(2, data.examples());
        assertEquals(1, data.responses().size());
        assertEquals(1, data.tooShort());
        assertEquals(1, data.tooFrequent());
        Path distilled = distilled(new Distilled("x", Context.of("well?"),
                List.of(scored("no idea", Origin.ORIGINAL, 1), scored("I do not know", Origin.GENERATED, 1)), Map.of()),
                new Distilled("y", Context.of("how so?"), List.of(scored("I do not know", Origin.ORIGINAL, 1)),
                        Map.of()));
        assertEquals(1, read(distilled, AUGMENTED).tooShort());
        assertEquals(1, read(distilled, AUGMENTED).examples());
    }

    @Test
    void candidatesAreASetWithTheOriginalFirst() throws IOException {
        Path file = distilled(new Distilled("x", Context.of("how are you?"),
                List.of(scored("I am well.", Origin.GENERATED, 1), scored("Fine, thank you!", Origin.ORIGINAL, 2),
                        scored("i am well .", Origin.GENERATED, 3)),
                Map.of()));
        TrainingData.Example example = read(file, AUGMENTED).parts().getFirst().examples().getFirst();
        assertArrayEquals(new double[]{2, 1}, example.teacher());
        assertEquals(2, example.replies().length);
        assertEquals(1, read(file, ORIGINALS).responses().size());
    }

    private Path negatives(String... lines) throws IOException {
        return Files.write(folder.resolve("negatives.jsonl"), List.of(lines));
    }

    private TrainingData withNegatives(Path data, Path... negatives) throws IOException {
        return TrainingData.read(List.of(new WeightedFile(data, 1)), ORIGINALS, List.of(negatives));
    }

    private static BatchSource batches(TrainingData data, int contexts, int random, int each, Path file) {
        Negatives.Listed listed = new Negatives.Listed(List.of(file), each);
        return new BatchSource(data,
                new BatchSource.Settings(contexts, 3, new Negatives(random, false, 0, listed), 1, false, 4));
    }

    private static Set<String> shared(BatchSource.Batch batch) {
        return batch.replies().shared().stream().mapToObj(batch.texts()::get).collect(Collectors.toSet());
    }

    @Test
    void listedNegativesAreThoseOfTheBatchsContextsSoManyOfEach() throws IOException {
        Path file = negatives("{\"id\":\"a0#1\",\"negatives\":[\"wrong one\",\"wrong two\",\"wrong three\"]}",
                "{\"id\":\"a1#1\",\"negatives\":[\"not this\"]}",
                "{\"id\":\"a1#1\",\"negatives\":[\"nor that\",\"Not  this\"]}", "{\"id\":\"x\",\"negatives\":[\"x\"]}");
        TrainingData data = withNegatives(dialogues("a", 3), file);
        assertEquals(2, data.contextsWithListed());
        assertEquals(1, data.unknownListed());
        BatchSource batches = batches(data, 3, 0, 2, file);
        Set<String> drawn = new HashSet<>();
        for (int step = 0; step < 30; step++) {
            Set<String> shared = shared(batches.batch(step, List.of()));
            assertEquals(4, shared.size(), shared.toString());
            assertTrue(shared.containsAll(Set.of("not this", "nor that")), shared.toString());
            assertEquals(shared, shared(batches.batch(step, List.of())), "a step's are always the same");
            drawn.addAll(shared);
        }
        assertEquals(Set.of("wrong one", "wrong two", "wrong three", "not this", "nor that"), drawn);
    }

    @Test
    void aListedNegativeThatIsRightForAContextOfTheBatchIsLeftOut() throws IOException {
        Path file = negatives("{\"id\":\"a0#1\",\"negatives\":[\"The answer to a 1\",\"wrong one\"]}");
        BatchSource batches = batches(withNegatives(dialogues("a", 2), file), 2, 0, 2, file);
        assertEquals(Set.of("wrong one"), shared(batches.batch(0, List.of())));
    }

    @Test
    void randomNegativesAreDrawnFromCandidatesAsWithoutLists() throws IOException {
        Path file = negatives("{\"id\":\"a0#1\",\"negatives\":[\"wrong one\"]}");
        Path data = dialogues("a", 12);
        BatchSource with = batches(withNegatives(data, file), 2, 4, 1, file);
        BatchSource without = new BatchSource(withNegatives(data),
                new BatchSource.Settings(2, 3, new Negatives(4, false, 0), 1, false, 4));
        for (int step = 0; step < 20; step++) {
            Set<String> random = shared(with.batch(step, List.of()));
            random.remove("wrong one");
            assertEquals(shared(without.batch(step, List.of())), random);
        }
    }

    @Test
    void listsOfOtherDataAreRefusedAndSoAreBrokenLines() throws IOException {
        Path data = dialogues("a", 2);
        Path file = negatives("{\"id\":\"b0#1\",\"negatives\":[\"x\"]}");
        String said = assertThrows(BadInput.class, () -> withNegatives(data, file)).getMessage();
        assertTrue(said.contains(file + ":1:") && said.contains("DIALOGUE#TURN"), said);
        negatives("{\"id\":\"a0#1\",\"negatives\":[\"x\"]}", "{\"id\":\"a1#1\",\"negatives\":[]}");
        said = assertThrows(BadInput.class, () -> withNegatives(data, file)).getMessage();
        assertTrue(said.contains(file + ":2:") && said.contains("negatives"), said);
    }

    @Test
    void aMissingTeachersScoreIsRefusedWithItsLine() throws IOException {
        Candidate original = scored("this one is scored", Origin.ORIGINAL, 1);
        Candidate bare = new Candidate("this one is not", Origin.GENERATED);
        Path file = distilled(new Distilled("a", Context.of("one"), List.of(original), Map.of()),
                new Distilled("b", Context.of("two"), List.of(original, bare), Map.of()));
        BadInput refused = assertThrows(BadInput.class, () -> read(file, AUGMENTED));
        assertTrue(refused.getMessage().contains(file + ":2:") && refused.getMessage().contains("`mi`"),
                refused.getMessage());
    }

    @Test
    void aTeachersScoreThatIsNoNumberIsRefusedWithItsLine() throws IOException {
        Path file = folder.resolve("nan.jsonl");
        Files.writeString(file, """
                {"id":"a","context":["one"],"candidates":[{"text":"this is it","source":"original","mi":1}]}
                {"id":"b","context":["two"],"candidates":[{"text":"this is it","source":"original","mi":NaN}]}
                """);
        BadInput refused = assertThrows(BadInput.class, () -> read(file, AUGMENTED));
        assertTrue(refused.getMessage().contains(file + ":2:"), refused.getMessage());
    }

    @Test
    void aContextWithoutAnOriginalReplyIsRefusedWithItsLine() throws IOException {
        Path file = distilled(
                new Distilled("a", Context.of("one"), List.of(scored("made by it", Origin.GENERATED, 1)), Map.of()));
        BadInput refused = assertThrows(BadInput.class, () -> read(file, AUGMENTED));
        assertTrue(refused.getMessage().contains(file + ":1:"), refused.getMessage());
    }

    @Test
    void weightsStandBehindTheNameOfTheFile() throws IOException {
        assertEquals(new WeightedFile(Path.of("a.jsonl"), 0.5), WeightedFile.parse("a.jsonl@0.5"));
        assertEquals(new WeightedFile(Path.of("b"), 1), WeightedFile.parse("b"));
        Path named = folder.resolve("odd@2");
        Files.writeString(named, "");
        assertEquals(new WeightedFile(named, 1), WeightedFile.parse(named.toString()));
        for (String wrong : List.of("a@", "a@x", "a@0", "a@-1", "a@NaN")) {
            assertThrows(BadInput.class, () -> WeightedFile.parse(wrong), wrong);
        }
    }

    @Test
    void anEpochTakesOfEachFileWhatItsWeightSaysAndOthersTheNextTime() throws IOException {
        Path whole = dialogues("whole", 12);
        Path half = dialogues("half", 12);
        TrainingData data = TrainingData.read(List.of(new WeightedFile(whole, 1), new WeightedFile(half, 0.5)),
                ORIGINALS);
        BatchSource source = source(data, new Negatives(2, false, 0), 3, 1);
        assertEquals(6, source.stepsPerEpoch());
        List<String> first = newest(source, 0, 6);
        assertEquals(12, first.stream().filter(text -> text.contains("whole")).distinct().count());
        assertEquals(6, first.stream().filter(text -> text.contains("half")).distinct().count());
        assertNotEquals(Set.copyOf(first), Set.copyOf(newest(source, 6, 12)));
    }

    @Test
    void fileByFileABatchIsOfOneFileAndOnlyTheirRestsAreMixed() throws IOException {
        TrainingData data = TrainingData.read(
                List.of(new WeightedFile(dialogues("one", 14), 1), new WeightedFile(dialogues("two", 11), 1)),
                ORIGINALS);
        for (int window : new int[]{1, 2}) {
            BatchSource source = new BatchSource(data,
                    new BatchSource.Settings(4, 3, new Negatives(2, true, 0), window, true, 7));
            assertEquals(6, source.stepsPerEpoch());
            List<Set<String>> files = IntStream.range(0, 6)
                    .mapToObj(step -> source.contexts(step).stream()
                            .map(context -> context.newest().contains("one") ? "one" : "two")
                            .collect(Collectors.toSet()))
                    .toList();
            assertEquals(3, files.stream().filter(Set.of("one")::equals).count());
            assertEquals(2, files.stream().filter(Set.of("two")::equals).count());
            assertEquals(24, Set.copyOf(newest(source, 0, 6)).size());
        }
    }

    private static List<String> newest(BatchSource source, long from, long to) {
        List<String> texts = new ArrayList<>();
        for (long step = from; step < to; step++) source.contexts(step).forEach(c -> texts.add(c.newest()));
        return texts;
    }

    private static BatchSource source(TrainingData data, Negatives negatives, int contexts, int window) {
        return new BatchSource(data, new BatchSource.Settings(contexts, 3, negatives, window, false, 7));
    }

    @Test
    void theBatchOfAStepIsAFunctionOfSeedAndStep() throws IOException {
        TrainingData data = read(dialogues("some", 40), ORIGINALS);
        BatchSource one = source(data, new Negatives(5, true, 0), 4, 3);
        BatchSource other = source(data, new Negatives(5, true, 0), 4, 3);
        List<BatchSource.Batch> inOrder = IntStream.range(0, 25).mapToObj(step -> one.batch(step, List.of())).toList();
        for (int step : new int[]{24, 3, 11, 0}) {
            BatchSource.Batch again = other.batch(step, List.of());
            assertEquals(inOrder.get(step).contexts(), again.contexts());
            assertEquals(inOrder.get(step).texts(), again.texts());
        }
    }

    @Test
    void noNegativeIsAPositiveOfTheBatchInAnySpelling() throws IOException {
        List<Distilled> contexts = IntStream.range(0, 6)
                .mapToObj(i -> new Distilled("d" + i, Context.of("context " + i),
                        IntStream.range(0, 6).mapToObj(j -> scored("reply number " + (i + j),
                                j == 0 ? Origin.ORIGINAL : Origin.GENERATED, j)).toList(),
                        Map.of()))
                .toList();
        TrainingData data = read(distilled(contexts.toArray(Distilled[]::new)), AUGMENTED);
        BatchSource source = source(data, new Negatives(100, false, 0), 2, 1);
        for (int step = 0; step < 30; step++) {
            BatchSource.Batch batch = source.batch(step, List.of(new int[]{0, 1, 2}, new int[]{3}));
            assertEquals(batch.texts().size(),
                    new HashSet<>(batch.texts().stream().map(NormalForm::of).toList()).size());
            for (int i = 0; i < batch.contexts().size(); i++) {
                int[] own = batch.replies().candidates().get(i);
                assertEquals(3, own.length);
                int number = Integer.parseInt(batch.contexts().get(i).newest().substring(8));
                assertEquals("reply number " + number, batch.texts().get(own[0]));
                // Not even a candidate that was not drawn this time.
                for (int j = 0; j < 6; j++) {
                    int column = batch.texts().indexOf("reply number " + (number + j));
                    assertFalse(column >= 0 && batch.replies().shared().get(column));
                }
            }
        }
    }

    @Test
    void candidatesAreDrawnAnewWithTheirScores() throws IOException {
        Path file = distilled(new Distilled("x", Context.of("context"),
                IntStream.range(0, 8).mapToObj(j -> scored("reply number " + j,
                        j == 0 ? Origin.ORIGINAL : Origin.GENERATED, j)).toList(),
                Map.of()));
        BatchSource source = source(read(file, AUGMENTED), new Negatives(0, true, 0), 1, 1);
        Set<String> seen = new HashSet<>();
        for (int step = 0; step < 60; step++) {
            BatchSource.Batch batch = source.batch(step, List.of());
            int[] own = batch.replies().candidates().getFirst();
            assertEquals("reply number 0", batch.texts().get(own[0]));
            for (int j = 0; j < own.length; j++) {
                String text = batch.texts().get(own[j]);
                seen.add(text);
                assertEquals(text, "reply number " + (int) batch.replies().teacher().getFirst()[j]);
            }
        }
        assertEquals(8, seen.size());
    }

    @Test
    void batchesOfAWindowHoldTextsOfLikeLengths() throws IOException {
        List<Dialogue> dialogues = IntStream.range(0, 64)
                .mapToObj(i -> dialogue("d" + i, "x".repeat(1 + i), "the reply number " + i)).toList();
        TrainingData data = read(written("lengths", dialogues), ORIGINALS);
        assertTrue(spread(source(data, new Negatives(1, false, 0), 8, 8)) < 10);
        assertTrue(spread(source(data, new Negatives(1, false, 0), 8, 1)) > 30);
    }

    private static double spread(BatchSource source) {
        return IntStream.range(0, 8).mapToObj(source::contexts)
                .map(contexts -> contexts.stream().mapToInt(c -> c.newest().length()).summaryStatistics())
                .mapToInt(lengths -> lengths.getMax() - lengths.getMin()).average().orElseThrow();
    }

    @Test
    void rankingTestsAreNotTrainedOn() throws IOException {
        Path file = folder.resolve("ranking.jsonl");
        Files.writeString(file, "{\"id\":\"a\",\"context\":[\"c\"],\"positive\":[\"p\"],\"random\":[\"r\"]}\n");
        assertThrows(BadInput.class, () -> read(file, ORIGINALS));
        assertThrows(BadInput.class, () -> read(dialogues("unscored", 2), AUGMENTED));
    }
}
