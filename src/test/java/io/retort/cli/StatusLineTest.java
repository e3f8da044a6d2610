package io.retort.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.cli.StatusText.Importance;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private StatusLine line(AtomicInteger width) {
        return new StatusLine(out, true, width::get, true);
    }

    private String sent() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static StatusText text(String label) {
        return new StatusText().add(label).add(Importance.AMOUNT, " 1,234 of 5,678 contexts (21 %)", " 21 %")
                .add(Importance.SPEED, ", 412 tokens/s", "").add(TimeLeft.text(240));
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 41, 53, 60, 79, 80, 120, 200})
    void neverWrittenIntoTheLastColumn(int width) {
        Screen screen = new Screen(width);
        try (StatusLine line = line(new AtomicInteger(width))) {
            line.stage(3, 6);
            for (String label : List.of("score", "a name that is longer than it should be, by far and more", "猫".repeat(150),
                    "e\u0301".repeat(150))) {
                line.show(() -> text(label), true);
                screen.write(sent());
                bytes.reset();
                assertTrue(screen.widest() < width, screen.lines().toString());
                assertEquals(1, screen.lines().size());
            }
        }
    }

    @Test
    void whatMattersMostStaysWhereThereIsLittleRoom() {
        StatusText staged = new StatusText().add(Importance.STAGE, "stage 3 of 6, ", "3/6 ").add(text("score"));
        assertEquals("stage 3 of 6, score 1,234 of 5,678 contexts (21 %), 412 tokens/s, about 4 min left",
                staged.within(200));
        assertEquals("stage 3 of 6, score 1,234 of 5,678 contexts (21 %), about 4 min left", staged.within(79));
        assertEquals("3/6 score 21 %, about 4 min left", staged.within(39));
        assertEquals("3/6 score 21 %, 4 min left", staged.within(26));
    }

    @Test
    void aShorterLineLeavesNothingOfALongerOne() {
        Screen screen = new Screen(80);
        try (StatusLine line = line(new AtomicInteger(80))) {
            line.show(() -> text("a long name of work"), true);
            line.show(() -> new StatusText().add("done"), true);
            assertEquals(List.of("done"), screen.write(sent()).lines());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 41, 45, 60, 79, 100})
    void aNarrowerWindowLeavesNothingOfTheLineThatItBroke(int narrow) {
        AtomicInteger width = new AtomicInteger(120);
        Screen screen = new Screen(120);
        try (StatusLine line = line(width)) {
            line.say("a message before");
            line.show(() -> new StatusText().add("猫 ").add(text("a name that fills more than the half of a line")), true);
            width.set(narrow);
            out.print("\u001b]resize " + narrow + "\u0007");
            line.show(() -> text("next"), true);
            screen.write(sent());
            bytes.reset();
            assertEquals(2, screen.lines().size(), screen.lines().toString());
            assertTrue(screen.lines().getLast().startsWith("next 21 %")
                    || screen.lines().getLast().startsWith("next 1,234"), screen.lines().toString());
        }
        assertEquals(List.of("a message before"), screen.write(sent()).lines());
    }

    @Test
    void messagesStayAboveTheLineAndAreWhole() {
        Screen screen = new Screen(80);
        try (StatusLine line = line(new AtomicInteger(80))) {
            line.show(() -> text("score"), true);
            line.say("retort: 3 contexts are left out");
            line.show(() -> text("score"), true);
            line.keep("step 4: hits@1 0.5");
        }
        assertEquals(List.of("retort: 3 contexts are left out", "step 4: hits@1 0.5"), screen.write(sent()).lines());
    }

    @Test
    void whereThereIsNoTerminalOnlyMessagesAreWritten() {
        try (StatusLine line = new StatusLine(out, false, () -> 80, true)) {
            line.stage(1, 2);
            line.show(() -> text("score"), true);
            line.keep("step 4");
            line.say("retort: a message");
            line.clear();
        }
        assertEquals("retort: a message" + System.lineSeparator(), sent());
    }

    @Test
    void afterItsEndNothingIsShownWhateverGoesOn() {
        StatusLine line = line(new AtomicInteger(80));
        line.show(() -> text("score"), true);
        line.end();
        line.say("retort: stopped");
        line.show(() -> text("score"), true);
        assertEquals(List.of("retort: stopped"), new Screen(80).write(sent()).lines());
    }

    @Test
    void namesCannotCommandTheTerminal() {
        String shown = new StatusText().add("a\u001b[2Jb\nc\r\u202ed\u0085").within(79);
        assertFalse(shown.chars().anyMatch(Character::isISOControl), shown);
        assertFalse(shown.contains("\u202e"));
    }

    @Test
    void columnsAreCountedAsTerminalsDo() {
        assertEquals(5, Columns.of("score"));
        assertEquals(4, Columns.of("日本"));
        assertEquals(2, Columns.of("한"));
        assertEquals(4, Columns.of("cafe\u0301"));
        assertEquals(4, Columns.of("café"));
        assertEquals(2, Columns.of("😀"));
        assertEquals(2, Columns.of("❤\ufe0f"));
        assertEquals(1, Columns.of("❤"));
        assertEquals(2, Columns.of("２"));
        assertEquals(5, Columns.of("שלום!"));
        assertEquals(0, Columns.of("\u200b"));
    }

    @Test
    void aCutTextFitsAndDoesNotSplitALetter() {
        for (String text : List.of("日本語のテキスト", "e\u0301e\u0301e\u0301e\u0301", "😀😀😀", "plain words", "👨\u200d👩\u200d👧 family")) {
            for (int columns = 0; columns < 14; columns++) {
                String cut = Columns.cut(text, columns);
                assertTrue(Columns.of(cut) <= columns, cut);
                String kept = cut.endsWith("…") ? cut.substring(0, cut.length() - 1) : cut;
                assertTrue(text.startsWith(kept));
                boolean splits = kept.length() < text.length() && (Character.isLowSurrogate(text.charAt(kept.length()))
                        || text.charAt(kept.length()) == '\u0301' || text.charAt(kept.length()) == '\u200d');
                assertFalse(splits && !kept.isEmpty(), cut);
            }
        }
    }
}
