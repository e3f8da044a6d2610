package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.DistilledFile;
import io.retort.jobs.StudyReportJob;
import io.retort.jobs.StudyReportSettings;
import io.retort.store.TinyModel;
import io.retort.study.StudyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page in a real browser, on a desktop and a phone, in both themes; pictures are kept in target/screenshots. */
class BrowserTest {
    @TempDir
    static Path folder;
    private static Browser browser;
    private static TinyServer tiny;
    private static Path plan;

    @BeforeAll
    static void open() throws Exception {
        browser = Browser.open(folder);
        plan = PageTest.plan(folder.resolve("study.jsonl"), 3);
        Path small = folder.resolve("small.index");
        tiny = new TinyServer(folder, TinyModel.biEncoder(folder.resolve("tiny"), 1), usual -> usual,
                PageSettings.defaults().withStudy(plan).withChoice(List.of(small.toString())));
        tiny.writeIndex(small, 12);
    }

    @AfterAll
    static void close() {
        if (browser != null) browser.close();
        if (tiny != null) tiny.close();
    }

    private static Browser page(int width, int height, String theme) {
        browser.at(width, height, theme).go(tiny.url("/"));
        browser.until("the facts of the server", () -> browser.last("#serving").getText().contains("responses"));
        return browser;
    }

    @Test
    void repliesAreExplainedExcludedJudgedAndTheTalkExported() throws IOException {
        page(1280, 800, "light").look("talk-empty-desktop-light");
        browser.say("i love tea");
        String first = browser.last(".turn.bot .bubble").getText();
        browser.click(".to-why");
        browser.until("candidates", () -> browser.all(".candidates li").size() == 5);
        assertEquals("why-title", browser.focused());
        assertEquals(first, browser.last(".why-said blockquote").getText());
        assertTrue(browser.texts(".decisions li").getFirst().contains("passed the safety screen"));
        assertEquals(5, browser.all(".times tbody tr").size());
        assertTrue(browser.texts(".candidates li .tag").stream().anyMatch(tag -> tag.startsWith("mood: ")));
        browser.look("why-desktop-light");
        String second = browser.texts(".candidates li > p").get(1);

        browser.click(".candidates li.is-said button");
        browser.until("another reply", () -> browser.last(".turn.bot .bubble").getText().equals(second));
        assertEquals(1, browser.all(".turn.bot").size());

        browser.click(".turn.bot .up");
        Path right = tiny.index.resolveSibling(tiny.index.getFileName() + ".feedback.jsonl");
        browser.until("a line of feedback", () -> lines(right) == 1);
        assertEquals(second, DistilledFile.FORMAT.readAll(right).getFirst().candidates().getFirst().text());

        browser.say("he is not good");
        String wrong = browser.last(".turn.bot .bubble").getText();
        browser.click(".turn.bot .down");
        browser.type(".better-text", "i would rather have tea", Keys.ENTER);
        // The answer comes when everything is written.
        browser.until("thanks", () -> browser.last(".kept").getText().contains("rather have tea"));
        assertEquals(2, lines(right));
        assertEquals("i would rather have tea",
                DistilledFile.FORMAT.readAll(right).getLast().candidates().getFirst().text());
        assertTrue(Files.readAllLines(FeedbackFiles.wrongBeside(right)).getLast()
                .contains("\"negatives\":[\"" + wrong + "\"]"));
        browser.look("judged-desktop-light");

        browser.click("#export");
        browser.until("the exported talk", () -> !exported().isEmpty());
        Dialogue talk = DialogueFile.FORMAT.readAll(exported().getFirst()).getFirst();
        assertEquals(List.of("i love tea", second, "he is not good", wrong),
                talk.turns().stream().map(each -> each.text()).toList());
        browser.click("#reset");
        browser.until("an empty talk", () -> browser.all(".turn").isEmpty());
        browser.click("#toast button");
        browser.until("the talk again", () -> browser.all(".turn").size() == 4);
        assertEquals(true, browser.script("return performance.getEntriesByType('resource')"
                + ".every(each => each.name.startsWith(location.origin) || each.name.startsWith('blob:'))"));
    }

    private static long lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> exported() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().matches("page-.*\\.jsonl")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everythingOfATalkIsDoneByTheKeyboard() {
        page(1280, 800, "light");
        browser.press(Keys.TAB);
        assertEquals("skip", browser.focused());
        browser.press(Keys.ENTER);
        browser.until("the field", () -> {
            if (!browser.focused().equals("say")) browser.press(Keys.TAB);
            return browser.focused().equals("say");
        });
        browser.say("i love tea");
        for (int i = 0; i < 12 && !browser.focused().contains("to-why"); i++)
            browser.press(Keys.chord(Keys.SHIFT,
                    Keys.TAB));
        browser.press(Keys.ENTER);
        browser.until("why", () -> browser.focused().equals("why-title"));
        browser.press(Keys.ESCAPE);
        browser.until("the button again", () -> browser.focused().contains("to-why"));
    }

    @Test
    void aPhoneAndADesktopShowBothThemes() {
        for (String theme : List.of("light", "dark")) {
            page(360, 740, theme);
            assertEquals(theme, browser.script("return document.documentElement.dataset.theme"));
            browser.say("i love tea");
            browser.say("i want to kill myself");
            browser.look("talk-phone-" + theme);
            browser.click(".turn.bot.found .to-why");
            browser.until("candidates", () -> !browser.all(".candidates li").isEmpty());
            browser.look("why-phone-" + theme);
        }
        page(1280, 800, "dark").say("i love tea");
        browser.click(".to-why");
        browser.look("why-desktop-dark");
        Object dark = browser.script("return getComputedStyle(document.body).color");
        browser.click("#theme");
        assertEquals("light", browser.script("return document.documentElement.dataset.theme"));
        assertNotEquals(dark, browser.script("return getComputedStyle(document.body).color"));
        page(1280, 800, "dark");
        assertEquals("light", browser.script("return document.documentElement.dataset.theme"));
        browser.click("#theme");
        browser.script("localStorage.clear()");
    }

    @Test
    void responsesAreSearchedAddedDisabledAndEnabledAndAnotherIndexIsChosen() throws Exception {
        page(1280, 800, "light");
        browser.click("#show-responses");
        browser.until("responses", () -> browser.all("#found li").size() == 20);
        browser.click("#more");
        browser.until("more responses", () -> browser.all("#found li").size() == 40);
        browser.type("#add-text", "a kettle of my own");
        browser.click("#add-form button");
        browser.until("the new one", () -> browser.texts("#found li > p").equals(List.of("a kettle of my own")));
        browser.click("#found li button");
        browser.until("disabled", () -> browser.texts("#found .tag").contains("disabled")
                && browser.last("#responses-facts").getText().endsWith("1 added here, 1 disabled"));
        browser.look("responses-desktop-light");
        browser.click("#found li button");
        browser.until("enabled", () -> !browser.texts("#found .tag").contains("disabled"));
        page(360, 740, "dark");
        browser.click("#show-responses");
        browser.until("responses", () -> browser.all("#found li").size() == 20);
        browser.look("responses-phone-dark");
        browser.click("#show-talk");
        for (String choice : List.of("small.index", "tiny with tiny.index")) {
            int responses = choice.startsWith("small") ? 12 : 61;
            new org.openqa.selenium.support.ui.Select(browser.last("#choice")).selectByVisibleText(choice);
            browser.until(choice, () -> browser.last("#serving").getText().startsWith(responses + " "));
        }
    }

    @Test
    void aStudyIsJudgedByKeysGoesOnAfterAReloadAndIsReported() throws IOException {
        browser.at(1280, 800, "light").go(tiny.url("/study"));
        browser.look("study-begin-desktop-light");
        browser.type("#judge", "anna", Keys.ENTER);
        List<String> keys = List.of("1", "2", "t", "1", "2");
        for (int item = 1; item <= 5; item++) {
            String place = item + " of 5";
            browser.until(place, () -> browser.last("#place").getText().equals(place));
            assertEquals(2, browser.all(".option").size());
            for (String told : PageTest.SYSTEMS) assertFalse((browser.source() + browser.url()).contains(told));
            if (item == 2) {
                browser.look("study-item-desktop-light");
                browser.at(360, 740, "dark").go(tiny.url("/study"));
                browser.type("#judge", Keys.ENTER);
                browser.until(place, () -> browser.last("#place").getText().equals(place));
                browser.look("study-item-phone-dark");
            }
            browser.press(keys.get(item - 1));
        }
        assertEquals("That was all. Thank you!", browser.last("#end-title").getText());
        browser.look("study-end-phone-dark");
        StudyReport report = new StudyReportJob(plan, StudyReportSettings.defaults()).run(Optional.empty()).report();
        StudyReport.Judge anna = report.judges().getFirst();
        assertEquals("anna", anna.name());
        assertEquals(3, anna.votes());
        assertEquals(2, anna.checks());
    }
}
