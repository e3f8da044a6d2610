package io.retort.cli;

import io.retort.study.JudgeItem;
import io.retort.study.Said;
import io.retort.study.Study;
import io.retort.study.StudyForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Shows one judge the items of a study on a terminal and takes the votes, one key and Enter each.
 *
 * @param study stays the caller's
 * @param in    what the judge types
 */
record Judging(Study study, String judge, BufferedReader in, PrintStream out) {
    private static final String STOP = "q";

    /** Goes on until all items are done, the judge stops, or the input ends. */
    void run() throws IOException {
        if (study.wasCut()) out.println("(the last vote was not whole and is asked again)");
        for (Optional<JudgeItem> next = study.next(judge); next.isPresent(); next = study.next(judge)) {
            show(next.get());
            Optional<StudyForm.Choice> choice = choice(next.get());
            if (choice.isEmpty()) {
                out.println("Stopped; " + next.get().done() + " of " + next.get().total()
                        + " votes are kept, and the same command goes on.");
                return;
            }
            study.vote(judge, next.get().id(), choice.get().answer());
        }
        out.println("That was all. Thank you!");
    }

    private void show(JudgeItem item) {
        out.printf(Locale.ROOT, "%n── %d of %d ──%n", item.done() + 1, item.total());
        item.before().forEach(said -> say("  ", said));
        List<List<Said>> options = item.options();
        for (int i = 0; i < options.size(); i++) {
            String name = options.size() == 1 ? "→" : Integer.toString(i + 1);
            if (options.get(i).size() == 1) {
                out.println("\n" + name + "  " + Columns.printable(options.get(i).getFirst().text()));
            } else {
                out.println("\n" + name + "  (* is the speaker to judge)");
                options.get(i).forEach(said -> say("   ", said));
            }
        }
        out.println("\n" + item.question());
        out.println(item.choices().stream().map(choice -> choice.key() + " " + choice.label())
                .collect(Collectors.joining("   ")) + "   " + STOP + " stop");
    }

    private void say(String indent, Said said) {
        out.println(indent + (said.judged() ? "* " : "- ") + Columns.printable(said.text()));
    }

    /** What the judge chose; empty to stop. */
    private Optional<StudyForm.Choice> choice(JudgeItem item) throws IOException {
        while (true) {
            out.print("> ");
            out.flush();
            String line = in.readLine();
            if (line == null) return Optional.empty();
            String key = line.strip().toLowerCase(Locale.ROOT);
            if (key.equals(STOP)) return Optional.empty();
            for (StudyForm.Choice choice : item.choices()) if (choice.key().equals(key)) return Optional.of(choice);
            out.println("Type " + item.choices().stream().map(StudyForm.Choice::key).collect(Collectors.joining(", "))
                    + " or " + STOP + ", and Enter.");
        }
    }
}
