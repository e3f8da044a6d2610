package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.store.ModelFolder;
import io.retort.store.TinyModel;
import io.retort.tensor.SafetensorsWriter;
import io.retort.tensor.Tensor;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input: a message that names place and remedy, exit code 2, nothing written. */
class RefusalsTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    static Path shared;
    private static Path tiny;
    private static Path other;
    private static Path goodIndex;

    @TempDir
    Path work;
    private Path index;

    @BeforeAll
    static void makeModels() throws IOException {
        tiny = TinyModel.biEncoder(shared.resolve("tiny"), 1).path();
        other = TinyModel.biEncoder(shared.resolve("other"), 2).path();
        goodIndex = shared.resolve("good.index");
        Files.writeString(shared.resolve("talk.jsonl"), CommandsTest.DIALOGUES);
        Run.ok("index", "-m", tiny, "-d", shared.resolve("talk.jsonl"), "-o", goodIndex);
    }

    @BeforeEach
    void copyIndex() throws IOException {
        index = Files.copy(goodIndex, work.resolve("talk.index"));
    }

    @AfterEach
    void nothingHalfWrittenIsLeft() throws IOException {
        assertEquals(List.of(), CommandsTest.leftovers(work));
        assertFalse(Files.exists(work.resolve("out")), "nothing was written");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 5, 1_000_000})
    void moreRepliesThanThereAreOrNone(int k) {
        Run.refused(Run.of("reply", "-m", tiny, "-i", index, "-c", "hello", "-k", k), "k is " + k, "1 to 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "\t\n", "\u3000"})
    void aTurnOfNothing(String turn) {
        Run.refused(Run.of("reply", "-m", tiny, "-i", index, "-c", "hello", "-c", turn), "turn", "empty");
    }

    @Test
    void aSearchMethodThatDoesNotExist() {
        Run.refused(Run.of("reply", "-m", tiny, "-i", index, "-c", "hello", "--search", "fast"), "--search fast",
                "exact, screened or auto");
    }

    @Test
    void aContextOfZeroTurns() {
        Run.refused(Run.of("reply", "-m", tiny, "-i", index), "--context");
    }

    @Test
    void anIndexOfAnotherModel() {
        for (String command : List.of("reply -c hello", "chat")) {
            List<Object> arguments = new java.util.ArrayList<>(List.of((Object[]) command.split(" ")));
            arguments.addAll(List.of("-m", other, "-i", index));
            Run.refused(Run.of(arguments.toArray()), index, "made with tiny",
                    "make an index with " + other + " by `retort index`");
        }
    }

    @Test
    void anAlteredByteOfAnIndexWhereverItIs() throws IOException {
        byte[] good = Files.readAllBytes(goodIndex);
        for (int at = 3; at < good.length; at += good.length / 9) {
            byte[] bad = good.clone();
            bad[at] ^= 4;
            Files.write(index, bad);
            Run.refused(Run.of("reply", "-m", tiny, "-i", index, "-c", "hello"), index + ": at byte ");
            if (at > 8) Run.refused(Run.of("inspect", index), index + ": at byte ");
        }
    }

    @Test
    void anIndexThatWasCutOrContinued() throws IOException {
        byte[] good = Files.readAllBytes(goodIndex);
        for (int length : new int[]{0, 1, 100, 192, good.length / 2, good.length - 1, good.length + 1}) {
            Files.write(index, Arrays.copyOf(good, length));
            Run.refused(Run.of("reply", "-m", tiny, "-i", index, "-c", "hello"), index + ": at byte ");
        }
        Run.refused(Run.of("reply", "-m", tiny, "-i", work.resolve("none"), "-c", "hi"), "none", "no such file");
        Run.refused(Run.of("reply", "-m", tiny, "-i", work, "-c", "hi"), work);
    }

    @Test
    void aModelThatIsNotThere() {
        Run.refused(Run.of("reply", "-m", "nobody", "-i", index, "-c", "hi"), "\"nobody\"", "all-minilm-l6-v2");
        Run.refused(Run.of("reply", "-m", work.resolve("gone"), "-i", index, "-c", "hi"), "gone");
        Run.refused(Run.of("reply", "-m", work, "-i", index, "-c", "hi"), work, "config.json is missing");
        Run.refused(Run.of("pull", "nobody"), "\"nobody\"");
        Run.refused(Run.of("pull"), "--list");
        Run.refused(Run.of("pull", "hf:nobody"), "OWNER/NAME");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"blank line|{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]}\\n\\n|:2: ",
        "no JSON|{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]}\\n{\"id\":|:2: ",
        "a turn of nothing|{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\" \"}]}|:1: ",
        "no turns|{\"id\":\"a\",\"turns\":[]}|:1: ",
        "a context of nothing|{\"id\":\"a\",\"context\":[],\"positive\":[\"x\"],\"random\":[\"y\"]}|:1: ",
        "a blank turn|{\"id\":\"a\",\"context\":[\"\"],\"positive\":[\"x\"],\"random\":[\"y\"]}|:1: ",
        "something else|{\"name\":1}|:1: ", "nothing|''|is empty"})
    void dataThatIsNoData(String what, String text, String place) throws IOException {
        Path data = Files.writeString(work.resolve("bad.jsonl"), text.replace("\\n", "\n"));
        Run.refused(Run.of("eval", "-m", tiny, "-d", data), data, place);
        Run run = Run.of("index", "-m", tiny, "-d", data, "-o", work.resolve("out"));
        Run.refused(run, data);
    }

    @Test
    void textThatIsNotUtf8() throws IOException {
        // 0x81 is no letter of Windows-1252 either, which is converted where people's own files are read.
        byte[] neither = "{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"caf\u0081\"}]}\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        Path data = Files.write(work.resolve("neither.jsonl"), neither);
        Run.refused(Run.of("index", "-m", tiny, "-d", data, "-o", work.resolve("out")), data, "UTF-8");
        Path text = Files.write(work.resolve("text.txt"), "hello\ncaf\u0081\n".getBytes(StandardCharsets.ISO_8859_1));
        Run.refused(Run.of("index", "-m", tiny, "-d", text, "-o", work.resolve("out")), text, "UTF-8");
        Files.write(text, "hello\ncaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        Run.refused(Run.of("encode", "-m", tiny, "-d", text, "-o", work.resolve("out")), text, "UTF-8");
        Files.writeString(text, "hello\n\nyes\n");
        Run.refused(Run.of("index", "-m", tiny, "-d", text, "-o", work.resolve("out")), text + ":2: ");
        Run.refused(Run.of("encode", "-m", tiny, "-d", text, "-o", work.resolve("out")), text + ":2: ");
        Files.writeString(text, "");
        Run.refused(Run.of("index", "-m", tiny, "-d", text, "-o", work.resolve("out")));
        Run.refused(Run.of("encode", "-m", tiny, "-d", text, "-o", work.resolve("out")), text);
    }

    @Test
    void filesThatAreNotThere() {
        Path none = work.resolve("none");
        Run.refused(Run.of("index", "-m", tiny, "-d", none, "-o", work.resolve("out")), none, "no such file");
        Run.refused(Run.of("eval", "-m", tiny, "-d", none), none, "no such file");
        Run.refused(Run.of("encode", "-m", tiny, "-d", none, "-o", work.resolve("out")), none, "no such file");
        Run.refused(Run.of("index", "-m", tiny, "-d", work.resolve("none.txt"), "-o", work.resolve("out")), "none.txt");
        Run.refused(Run.of("inspect", none), none, "no such file");
        Run.refused(Run.of("import", none), none, "no such folder");
        Run.refused(Run.of("encode", "-m", tiny, "-d", work, "-o", work.resolve("out")), work, "folder");
        Run.refused(Run.of("index", "-m", tiny, "-d", work, "-o", work.resolve("out")), work, "folder");
    }

    @Test
    void weightsWithNaN() throws IOException {
        Path model = copy(tiny);
        SequencedMap<String, Tensor> weights = weights();
        String name = weights.firstEntry().getKey();
        float[] values = weights.get(name).toFloats();
        values[5] = Float.NaN;
        weights.put(name, Tensor.of(values, weights.get(name).shape().toArray()));
        SafetensorsWriter.write(model.resolve(WEIGHTS), weights, Map.of());
        Run.refused(Run.of("index", "-m", model, "-d", shared.resolve("talk.jsonl"), "-o", work.resolve("out")),
                model.resolve(WEIGHTS), "not finite: " + name + " (first at element 5)");
        misfit(Run.of("import", model, "-o", work.resolve("out")), "not finite: " + name);
        misfit(Run.of("import", model, "-o", work.resolve("out"), "--allow-unexpected"), "not finite: " + name);
    }

    @Test
    void weightsThatDoNotFit() throws IOException {
        Path model = copy(tiny);
        SequencedMap<String, Tensor> weights = weights();
        Tensor last = weights.pollLastEntry().getValue();
        SafetensorsWriter.write(model.resolve(WEIGHTS), weights, Map.of());
        misfit(Run.of("import", model, "-o", work.resolve("out")), "1 missing");
        Run.refused(Run.of("encode", "-m", model, "-d", shared.resolve("talk.jsonl"), "-o", work.resolve("out")),
                "missing");
        weights = weights();
        weights.put("stranger", last);
        SafetensorsWriter.write(model.resolve(WEIGHTS), weights, Map.of());
        misfit(Run.of("import", model, "-o", work.resolve("out")), "unexpected: stranger");
        Run.ok("import", model, "-o", work.resolve("allowed"), "--allow-unexpected");
        weights = weights();
        weights.replaceAll((name, tensor) -> name.endsWith("query.bias") ? Tensor.of(new float[7], 7) : tensor);
        SafetensorsWriter.write(model.resolve(WEIGHTS), weights, Map.of());
        misfit(Run.of("import", model, "-o", work.resolve("out")), "shape: encoder.layer.0.attention.self.query.bias");
    }

    @Test
    void weightsThatWereCut() throws IOException {
        Path model = copy(tiny);
        byte[] good = Files.readAllBytes(tiny.resolve(WEIGHTS));
        for (int length : new int[]{0, 5, 1000, good.length - 1}) {
            Files.write(model.resolve(WEIGHTS), Arrays.copyOf(good, length));
            Run.refused(Run.of("reply", "-m", model, "-i", index, "-c", "hi"), index, "made with tiny");
            Run.refused(Run.of("index", "-m", model, "-d", shared.resolve("talk.jsonl"), "-o", work.resolve("out")),
                    model.resolve(WEIGHTS));
            Run.refused(Run.of("import", model, "-o", work.resolve("out")), model.resolve(WEIGHTS));
            Run.refused(Run.of("inspect", model), model.resolve(WEIGHTS));
        }
    }

    @Test
    void aTokenizerOfAnotherModel() throws IOException {
        Path model = copy(tiny);
        String larger = new String(TinyModel.tokenizer(), StandardCharsets.UTF_8).replace("\"good\":",
                "\"more\":77,\"good\":");
        for (String json : List.of(larger, "{}", "no JSON",
                new String(TinyModel.tokenizer()).replace("[CLS]", "[BOS]"))) {
            Files.writeString(model.resolve("tokenizer.json"), json);
            Run.refused(Run.of("encode", "-m", model, "-d", shared.resolve("talk.jsonl"), "-o", work.resolve("out")),
                    model);
            Run run = Run.of("import", model, "-o", work.resolve("out"));
            assertEquals(2, run.code(), json);
            assertTrue(run.err().contains(model.resolve("tokenizer.json").toString()), run.err());
        }
    }

    @Test
    void aConfigurationThatMakesNoSense() throws IOException {
        Path model = copy(tiny);
        String good = Files.readString(tiny.resolve("config.json"));
        for (String bad : List.of("", "[]", good.replace("\"bert\"", "\"llama\""), good.replace(": 24", ": 23"),
                good.replace("vocab_size", "size"), good.substring(0, good.length() / 2))) {
            Files.writeString(model.resolve("config.json"), bad);
            Run.refused(Run.of("inspect", model), model.resolve("config.json"));
            Run.refused(Run.of("import", model, "-o", work.resolve("out")), model.resolve("config.json"));
        }
    }

    @Test
    void targetsThatCannotBeWritten() throws IOException {
        Files.createDirectory(work.resolve("folder"));
        Files.writeString(work.resolve("texts"), "hello\n");
        for (Run run : List.of(
                Run.of("index", "-m", tiny, "-d", shared.resolve("talk.jsonl"), "-o", work.resolve("folder")),
                Run.of("encode", "-m", tiny, "-d", work.resolve("texts"), "-o", work.resolve("folder")),
                Run.of("import", tiny, "-o", work.resolve("folder")),
                Run.of("encode", "-m", tiny, "-d", work.resolve("texts"), "-o", work.resolve("texts/v")))) {
            assertTrue(run.code() == 1 || run.code() == 2, run.err());
            assertTrue(run.err().contains("folder") || run.err().contains("texts"), run.err());
            assertFalse(run.err().contains("internal error"), run.err());
        }
    }

    @Test
    void debugShowsWhere() throws IOException {
        Run run = Run.withStackTraces("inspect", "--debug", work.resolve("none"));
        assertEquals(2, run.code());
        assertTrue(run.err().contains("\tat io.retort.cli.InspectCommand"));
    }

    private void misfit(Run run, String problem) {
        assertEquals(1, run.code(), run.err());
        assertTrue(run.out().contains(problem), run.out());
        assertTrue(run.err().contains("does not fit"), run.err());
    }

    private Path copy(Path model) throws IOException {
        Path copy = Files.createDirectory(work.resolve("model"));
        try (var files = Files.list(model)) {
            for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
        }
        return ModelFolder.open(copy).path();
    }

    private static SequencedMap<String, Tensor> weights() throws IOException {
        SequencedMap<String, Tensor> weights = new LinkedHashMap<>();
        try (TensorFile file = TensorFile.open(tiny.resolve(WEIGHTS))) {
            for (String name : file.parameters().keySet()) {
                Tensor tensor = file.parameter(name);
                weights.put(name, Tensor.of(tensor.toFloats(), tensor.shape().toArray()));
            }
        }
        return weights;
    }
}
