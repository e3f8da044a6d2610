package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.settings.SettingsCodec;
import io.retort.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine;

/** Settings records as options, with a file beside them. */
class SettingsOptionsTest {
    @TempDir
    Path work;
    private Path file;

    enum Kind {
        FIRST_ONE, SECOND;

        @Override
        public String toString() {
            return name().toLowerCase().replace('_', '-');
        }
    }

    record Options(@Setting("The rate.") double learningRate, @Setting(value = "The steps.", label = "N") long steps,
            @Setting("The kind.") Kind kind, @Setting("The data.") List<Path> data,
            @Setting("Whether tied.") boolean tied,
            @Setting("At most 100 % of it.") Optional<Integer> limit, @Setting("The seeds.") List<Long> seeds) {
        Options {
            InvalidSetting.unless(steps >= 1, "steps", steps, "use 1 or more");
            if (limit.isPresent() && !tied) {
                throw new InvalidSetting("limit", limit, "which only tied options have", "set \"tied\" to true");
            }
        }

        public static Options defaults() {
            return new Options(5e-5, 1000, Kind.SECOND, List.of(), true, Optional.empty(), List.of(1L, 2L));
        }
    }

    /** A command that has these options and keeps what came of them. */
    @Command(name = "work", modelTransformer = SettingsOptions.Added.class, mixinStandardHelpOptions = true)
    static final class Work implements SettingsOptions.Configured, Callable<Integer> {
        private final SettingsOptions settings = SettingsOptions.of(Options.class);
        Options effective;

        @Override
        public SettingsOptions settings() {
            return settings;
        }

        @Override
        public Integer call() throws IOException {
            effective = settings.get(Options.class);
            return 0;
        }
    }

    @BeforeEach
    void name() {
        file = work.resolve("settings.json");
    }

    private ObjectNode effective(String json, String... commandLine) throws IOException {
        Files.writeString(file, json);
        List<String> arguments = new ArrayList<>(List.of("--config", file.toString()));
        arguments.addAll(List.of(commandLine));
        Work work = new Work();
        CommandLine line = Main.withManners(new CommandLine(work));
        line.parseArgs(arguments.toArray(String[]::new));
        work.call();
        return SettingsCodec.of(Options.class).write(work.effective);
    }

    private String misused(String... commandLine) {
        return assertThrows(ParameterException.class, () -> effective("{}", commandLine)).getMessage();
    }

    @Test
    void optionsWinOverTheFileAndTheFileOverDefaults() throws IOException {
        ObjectNode settings = effective("""
                {"steps": 7, "learning-rate": 0.5, "kind": "first-one", "data": ["a b.jsonl", "c,d.jsonl"], "limit": null}
                """, "--steps", "8", "--tied=false");
        assertEquals(
                """
                {"learning-rate":0.5,"steps":8,"kind":"first-one","data":["a b.jsonl","c,d.jsonl"],"tied":false,"seeds":[1,2]}""",
                settings.toString());
    }

    @Test
    void aSwitchThatIsOnByDefaultTakesItsValueAsAWordOfItsOwnToo() throws IOException {
        assertEquals("false", effective("{}", "--tied", "false").get("tied").toString());
        assertEquals("true", effective("{\"tied\": false}", "--tied").get("tied").toString());
    }

    @Test
    void listsOfTheCommandLineReplaceThoseOfTheFile() throws IOException {
        ObjectNode settings = effective("{\"data\": [\"a\", \"b\"]}", "-d", "c", "d");
        assertEquals("[\"c\",\"d\"]", settings.get("data").toString());
    }

    @Test
    void aListThatIsGivenInPiecesIsTakenOnce() throws IOException {
        ObjectNode settings = effective("{}", "-d", "a", "b", "--steps", "8", "--data", "c");
        assertEquals("[\"a\",\"b\",\"c\"]", settings.get("data").toString());
    }

    @Test
    void effectiveSettingsAsAFileGiveThemselves() throws IOException {
        ObjectNode settings = effective("{\"data\": [\"--odd\", \"=b\"], \"learning-rate\": 1e-3, \"tied\": false}");
        assertEquals(settings, effective(settings.toString()));
        assertEquals(new ObjectMapper().readTree("[\"--odd\",\"=b\"]"), settings.get("data"));
    }

    @ParameterizedTest
    @CsvSource({"learning_rate,learning-rate", "lerning-rate,learning-rate", "step,steps", "date,data"})
    void anUnknownKeyIsAnsweredWithTheNearestOne(String key, String meant) {
        refused("{\"" + key + "\": 1}", "unknown key \"" + key + "\"", "did you mean \"" + meant + "\"?");
    }

    @Test
    void aKeyThatIsNearNothingHasNoSuggestion() {
        String message = refused("{\"wavelength-of-light\": 1}", "unknown key", "--print-config");
        assertFalse(message.contains("did you mean"), message);
        refused("{\"d\": [\"x\"]}", "unknown key \"d\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"steps\": \"many\"}", "{\"steps\": 1.5}", "{\"steps\": true}", "{\"steps\": [1, 2]}",
        "{\"steps\": {\"a\": 1}}", "{\"kind\": \"third\"}", "{\"tied\": \"perhaps\"}", "{\"data\": [[1]]}", "[]", "7",
        "",
        "{\"steps\": 1", "{\"steps\": 1} more", "{\"steps\": 1, \"steps\": 2}"})
    void aValueThatTheOptionDoesNotTakeIsRefused(String json) {
        refused(json);
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        assertThrows(BadInput.class, () -> SettingsFile.read(work.resolve("none.json")));
        assertThrows(BadInput.class, () -> SettingsFile.read(work));
    }

    @Test
    void whatTheRecordRefusesIsToldOfTheOptionOrOfTheFileThatSaidSo() throws IOException {
        assertEquals("--steps 0; use 1 or more", misused("--steps", "0"));
        assertEquals("--limit 3, which only tied options have; use --tied true",
                misused("--limit", "3", "--tied=false"));
        refused("{\"steps\": 0}", "\"steps\" is 0", "use 1 or more");
        assertEquals(5, effective("{\"steps\": 0}", "--steps", "5").get("steps").asInt());
    }

    @Test
    void aValueThatIsNoneIsToldOfTheOption() {
        String message = misused("--steps", "many");
        assertTrue(message.contains("--steps") && message.contains("many"), message);
        message = misused("--kind", "third");
        assertTrue(message.contains("--kind") && message.contains("first-one"), message);
    }

    @Test
    void numbersOfAListStandBetweenCommas() throws IOException {
        assertEquals("[3,4,5]", effective("{}", "--seeds", "3,4", "5").get("seeds").toString());
        assertEquals("[3,4]", effective("{\"seeds\": \"3,4\"}").get("seeds").toString());
        assertEquals("[\"c,d\"]", effective("{}", "--data", "c,d").get("data").toString());
    }

    @Test
    void helpTellsSentenceNamesAndDefaultOfTheRecord() {
        String help = new CommandLine(new Work()).setUsageHelpLongOptionsMaxWidth(30).getUsageMessage()
                .replaceAll("\\s+", " ");
        assertTrue(help.contains("One of first-one, second. Default: second."), help);
        assertTrue(help.contains("--steps=N") && help.contains("The steps. Default: 1000."), help);
        assertTrue(help.contains("The seeds. Default: 1,2.") && help.contains("Default: 5e-5.")
                && help.contains("100 % of it."), help);
        assertTrue(help.contains("-d, --data"), help);
    }

    /** Refused by name of the file, and with these words. */
    private String refused(String json, String... parts) {
        BadInput refusal = assertThrows(BadInput.class, () -> effective(json), json);
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        for (String part : parts) assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        return refusal.getMessage();
    }
}
