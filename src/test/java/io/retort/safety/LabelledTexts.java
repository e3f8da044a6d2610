package io.retort.safety;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Texts that a person labelled: crisis, abuse or fine, a tab, and the text. */
record LabelledTexts(List<Line> lines) {
    /** A text and what it is. */
    record Line(String label, String text) {
    }

    /** Shares that were stopped, of the crises those that were recognised as such. */
    record Figures(double crisis, double abuse, double innocent, List<String> wrong) {
    }

    static LabelledTexts of(String name) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/safety", name))) {
            int tab = line.indexOf('\t');
            if (tab < 0) throw new IllegalStateException(name + ": \"" + line + "\" has no tab");
            lines.add(new Line(line.substring(0, tab), line.substring(tab + 1)));
        }
        return new LabelledTexts(lines);
    }

    long count(String label) {
        return lines.stream().filter(line -> line.label.equals(label)).count();
    }

    Figures figures(Function<String, SafetyVerdict> screen) {
        int crises = 0, abuses = 0, innocents = 0;
        List<String> wrong = new ArrayList<>();
        for (Line line : lines) {
            SafetyVerdict verdict = screen.apply(line.text);
            boolean isCrisis = verdict.category().filter(SafetyCategory.CRISIS::equals).isPresent();
            boolean isRight = switch (line.label) {
                case "crisis" -> isCrisis;
                case "abuse" -> !verdict.passes();
                case "fine" -> verdict.passes();
                default -> throw new IllegalStateException(line.label);
            };
            if (!isRight)
                wrong.add(line.label + ": " + line.text + " -> " + verdict.category() + " " + verdict.reason());
            if (line.label.equals("crisis") && isRight) crises++;
            if (line.label.equals("abuse") && isRight) abuses++;
            if (line.label.equals("fine") && !isRight) innocents++;
        }
        return new Figures((double) crises / count("crisis"), (double) abuses / count("abuse"),
                (double) innocents / count("fine"), wrong);
    }
}
