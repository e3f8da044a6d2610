package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

class ConfigFileTest {
    @TempDir
    Path work;
    private Path file;

    /** Options as a command has them. */
    static final class Options {
        enum Kind {
            FIRST_ONE, SECOND;

            @Override
            public String toString() {
                return name().toLowerCase().replace('_', '-');
            }
        }

        @Option(names = "--learning-rate", defaultValue = "5e-5")
        double learningRate;
        @Option(names = "--steps", defaultValue = "1000")
        long steps;
        @Option(names = "--kind", defaultValue = "second")
        Kind kind;
        @Option(names = {"-d", "--data"}, arity = "1..*")
        List<Path> data = new ArrayList<>();
        @Option(names = "--tied", negatable = true, defaultValue = "true", fallbackValue = "true")
        boolean tied;
        @Option(names = "--limit")
        Integer limit;
    }

    @BeforeEach
    void name() {
        file = work.resolve("settings.json");
    }

    private ObjectNode effective(String json, String... commandLine) throws IOException {
        Files.writeString(file, json);
        List<OptionSpec> given = Main.withManners(new picocli.CommandLine(new Options())).parseArgs(commandLine)
                .matchedOptions();
        return ConfigFile.values(ConfigFile.read(file).apply(new Options(), given));
    }

    @Test
    void optionsWinOverTheFileAndTheFileOverDefaults() throws IOException {
        ObjectNode settings = effective("""
                {"steps": 7, "learning-rate": 0.5, "kind": "first-one", "data": ["a b.jsonl", "c,d.jsonl"], "limit": null}
                """, "--steps", "8", "--tied=false");
        assertEquals("""
                {"learning-rate":0.5,"steps":8,"kind":"first-one","data":["a b.jsonl","c,d.jsonl"],"tied":false}""",
                settings.toString());
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
        assertThrows(BadInput.class, () -> ConfigFile.read(work.resolve("none.json")));
        assertThrows(BadInput.class, () -> ConfigFile.read(work));
    }

    /** Refused by name of the file, and with these words. */
    private String refused(String json, String... parts) {
        BadInput refusal = assertThrows(BadInput.class, () -> effective(json), json);
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        for (String part : parts) assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        return refusal.getMessage();
    }
}
