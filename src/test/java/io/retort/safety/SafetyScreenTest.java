package io.retort.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetyScreenTest {
    private static final SafetyScreen SCREEN = SafetyScreen.of(SafetySettings.defaults());
    private static final Path EVERYDAY = Path.of("../shared/data/dev/empathetic_dialogues.jsonl.gz");

    @TempDir
    private Path folder;

    /** The first figures on this list, before anything was mended by it, stand in docs/safety.md. */
    @Test
    void theLabelledTestIsJudgedAsWellByWordsAloneAsTheDocumentSays() throws IOException {
        LabelledTexts test = LabelledTexts.of("test.tsv");
        assertTrue(test.lines().size() >= 400, "lines: " + test.lines().size());
        assertTrue(3 * test.count("fine") >= test.lines().size(), "innocent: " + test.count("fine"));
        LabelledTexts.Figures figures = test.figures(SCREEN::checkTurn);
        assertTrue(figures.crisis() >= 0.95, "crisis " + figures.crisis() + " " + figures.wrong());
        assertTrue(figures.abuse() >= 0.9, "abuse " + figures.abuse() + " " + figures.wrong());
        assertTrue(figures.innocent() <= 0.03, "innocent " + figures.innocent() + " " + figures.wrong());
    }

    /** A list of another day, by which nothing was mended; messages tell no lines, so that nobody mends by them. */
    @Test
    void aListByWhichNothingWasMendedIsJudgedAsWellByWordsAloneAsTheDocumentSays() throws IOException {
        LabelledTexts fresh = LabelledTexts.of("fresh.tsv");
        assertTrue(fresh.lines().size() >= 400, "lines: " + fresh.lines().size());
        assertTrue(3 * fresh.count("fine") >= fresh.lines().size(), "innocent: " + fresh.count("fine"));
        LabelledTexts.Figures figures = fresh.figures(SCREEN::checkTurn);
        String told = "crisis " + figures.crisis() + ", abuse " + figures.abuse() + ", innocent " + figures.innocent();
        assertTrue(figures.crisis() >= 0.93 && figures.abuse() >= 0.9 && figures.innocent() <= 0.03, told);
    }

    @Test
    void testListsShareNoTextWithThoseThatPatternsWereWrittenBy() throws IOException {
        Set<String> tuned = new HashSet<>();
        for (String name : List.of("dev.tsv", "more.tsv", "tune.tsv", "learn.tsv")) {
            LabelledTexts.of(name).lines().forEach(line -> tuned.add(plain(line.text())));
        }
        for (String name : List.of("test.tsv", "fresh.tsv", "held.tsv")) {
            long shared = LabelledTexts.of(name).lines().stream().filter(line -> tuned.contains(plain(line.text())))
                    .filter(line -> line.text().length() > 20).count();
            assertEquals(0, shared, name);
        }
    }

    private static String plain(String text) {
        return text.toLowerCase().replaceAll("[^a-z]", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Let's kill some time", "what a bad day", "shoot me an email", "I'm dying to see it",
        "I live in Scunthorpe", "cock-a-doodle-doo", "you too!", "Dick van Dyke", "the naked eye", "pass the bass",
        "I was assessed", "Essex", "analysis of a cocktail", "too cool for school!!!", "hmmm", "?!?!", "$$$", "@home",
        "1 2 3 4 5 6 7", "a b c d e f g h i j k l m n o p q r s t u v w x y z", "it is 4:20 pm", "c u l8r", "5*5=25"})
    void everydayTextPasses(String text) {
        assertEquals(SafetyVerdict.PASSES, SCREEN.checkTurn(text));
    }

    @ParameterizedTest
    @CsvSource({"KILL MYSELF", "k1ll mys3lf", "k i l l m y s e l f", "k.i.l.l m.y.s.e.l.f", "kiiiilll myself",
        "k\u0456ll mys\u0435lf", "\uff4b\uff49\uff4c\uff4c myself", "ki\u200bll my\u00adself",
        "k\u0301i\u0302ll myself",
        "\ud835\udd28\ud835\udd26\ud835\udd29\ud835\udd29 myself", "ki!! myself and k!ll myself", "killmyself",
        "\u24da\u24d8\u24db\u24db myself"})
    void disguisesAreSeenThrough(String text) {
        assertEquals(Optional.of(SafetyCategory.CRISIS), SCREEN.checkTurn(text).category());
    }

    @Test
    void aCrisisIsAnsweredByTheFixedReplyAndAnInsultByARefusal() {
        SafetyVerdict crisis = SCREEN.checkTurn("I want to kill myself, you idiot");
        assertEquals(Optional.of(SafetyCategory.CRISIS), crisis.category(), "the gravest counts");
        assertEquals(SCREEN.settings().crisis().getFirst(), SCREEN.answer(crisis, 0));
        SafetyVerdict insult = SCREEN.checkTurn("you idiot");
        assertEquals(SCREEN.settings().refusals().get(1), SCREEN.answer(insult, 1));
        assertThrows(IllegalArgumentException.class, () -> SCREEN.answer(SafetyVerdict.PASSES, 0));
    }

    @Test
    void coarseWordsMayBeSaidButAreNotGivenUnlessTheLevelIsStrict() {
        String text = "that was a shitty day";
        assertTrue(SCREEN.checkTurn(text).passes());
        assertFalse(SCREEN.checkReply(text).passes());
        SafetyScreen strict = SafetyScreen.of(SafetySettings.defaults().withLevel(SafetyLevel.STRICT));
        assertFalse(strict.checkTurn(text).passes());
        assertTrue(strict.checkTurn("my dog died").passes());
        assertFalse(strict.checkReply("my dog died").passes());
        SafetyScreen off = SafetyScreen.of(SafetySettings.defaults().withLevel(SafetyLevel.OFF));
        assertTrue(off.checkTurn("fuck you").passes());
    }

    @Test
    void otherLanguagesAreToldApartUnlessTheRepliesAreInThem() {
        String spanish = "Hola, \u00bfc\u00f3mo est\u00e1s?";
        assertEquals(Optional.of(SafetyCategory.LANGUAGE), SCREEN.checkTurn(spanish).category());
        assertTrue(SCREEN.withLanguagesOfReplies(Set.of("es")).checkTurn(spanish).passes());
        assertTrue(SCREEN.withLanguagesOfReplies(Set.of()).checkTurn(spanish).passes());
        for (String english : List.of("heyyyyy", "hahahaha", "lol ok", "hmm", "ok", "nice!", "Maria and Juan")) {
            assertTrue(SCREEN.checkTurn(english).passes(), english);
        }
    }

    @Test
    void aClassifierIsAskedWhereWordsTellNothing() {
        SafetyScreen.TurnClassifier classifier = turn -> turn.startsWith("zz")
                ? Optional.of(SafetyVerdict.stops(SafetyCategory.PROVOCATION, "zz"))
                : turn.startsWith("qq")
                        ? Optional.of(SafetyVerdict.stops(SafetyCategory.CRISIS, "qq"))
                        : Optional.empty();
        SafetyScreen asked = SafetyScreen.of(SafetySettings.defaults().withLevel(SafetyLevel.STRICT))
                .withClassifier(classifier);
        assertEquals(Optional.of(SafetyCategory.PROVOCATION), asked.checkTurn("zz what do you think").category());
        assertEquals(Optional.of(SafetyCategory.CRISIS),
                SCREEN.withClassifier(classifier).checkTurn("qq what do you think").category());
        assertTrue(SCREEN.withClassifier(classifier).checkTurn("zz what do you think").passes(), "standard");
        assertEquals(Optional.of(SafetyCategory.HARASSMENT), asked.checkTurn("zz fuck you").category());
        assertTrue(asked.checkTurn("what do you think").passes());
    }

    @Test
    void aConfigurationAddsAllowsAndRemovesPatternsAndSetsWhatIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("safety.json"), """
                {"add": {"harassment": ["you (absolute)? melon*"]}, "allow": {"violence": ["kill the lights"]},
                 "remove": ["screw you"], "crisis": ["Call 112."], "languages": ["en", "es"]}
                """);
        SafetyScreen own = SafetyScreen.of(SafetySettings.defaults().with(file));
        assertFalse(own.checkTurn("you absolute melons").passes());
        assertFalse(SCREEN.checkTurn("screw you").passes());
        assertTrue(own.checkTurn("screw you").passes());
        assertTrue(own.checkTurn("Hola, \u00bfc\u00f3mo est\u00e1s?").passes());
        assertEquals("Call 112.", own.answer(own.checkTurn("i want to kill myself"), 3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"ad\": {}}|ad", "{\"add\": []}|add", "{\"add\": {\"rude\": [\"x\"]}}|rude",
        "{\"add\": {\"hate\": [\"(a\"]}}|bracket", "{\"add\": {\"hate\": [\"a?\"]}}|missing",
        "{\"remove\": [\"no such pattern\"]}|no such pattern", "{\"crisis\": []}|crisis", "{\"crisis\": [1]}|crisis",
        "{\"languages\": [\"xx\"]}|xx", "{\"level\": \"mild\"}|mild", "[]|object",
        "{\"add\": {\"hate\": [\"@nobody\"]}}|nobody", "{\"add\": {\"hate\": [\"((((((((((a))))))))))\"]}}|deep"})
    void aConfigurationThatIsNoneIsRefusedByName(String json, String named) throws IOException {
        Path file = Files.writeString(folder.resolve("safety.json"), json);
        BadInput refusal = assertThrows(BadInput.class, () -> SafetySettings.defaults().with(file));
        assertTrue(refusal.getMessage().contains(named) && refusal.getMessage().contains("safety.json"),
                refusal.getMessage());
    }

    /** Fifty thousand characters that invite every wrong turn; a screen that backtracks takes minutes. */
    @ParameterizedTest
    @ValueSource(
            strings = {"a ", "f", "i want to ", "f u c k ", "k.i.l.l.", "kill you ", "f*", "you you are ", "\u0301a",
                "1", "@$!", "you are not stupid "})
    void timeIsLinearInWhateverText(String unit) {
        String text = unit.repeat(50_000 / unit.length());
        // By the thread's own time: on a busy machine all takes long.
        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(10), () -> {
            SCREEN.checkTurn(text);
            long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertTrue(nanos < 20_000_000_000L, nanos / 1e9 + " s");
        });
    }

    @Test
    void everydayTurnsOfPeoplePass() throws IOException {
        if (!Files.isRegularFile(EVERYDAY)) System.err.println("SKIPPED: no everyday turns at " + EVERYDAY);
        assumeTrue(Files.isRegularFile(EVERYDAY), "no everyday turns at " + EVERYDAY);
        List<String> turns = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(EVERYDAY)), StandardCharsets.UTF_8))) {
            ObjectMapper json = new ObjectMapper();
            for (String line; (line = lines.readLine()) != null;) {
                for (JsonNode turn : json.readTree(line).path("turns")) turns.add(turn.path("t").asText());
            }
        }
        long stopped = turns.stream().filter(turn -> !SCREEN.checkTurn(turn).passes()).count();
        assertTrue(stopped <= 0.005 * turns.size(), stopped + " of " + turns.size());
    }
}
