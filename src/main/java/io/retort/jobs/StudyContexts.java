package io.retort.jobs;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.Origin;
import io.retort.dialogue.RankingCase;
import io.retort.dialogue.RankingFile;
import io.retort.dialogue.Turn;
import io.retort.files.BadInput;
import io.retort.ingest.ReadingReport;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.study.StudyContext;
import io.retort.study.StudyPlanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Draws the contexts of a study out of files, each once, and those of its hidden checks. */
final class StudyContexts {
    private final StudyPlanSettings settings;
    private final boolean needsHuman;
    private final List<StudyContext> all = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final Set<List<String>> texts = new HashSet<>();

    private StudyContexts(StudyPlanSettings settings) {
        this.settings = settings;
        this.needsHuman = settings.system().stream().anyMatch(StudiedSystem::isHuman);
    }

    /**
     * What was drawn.
     *
     * @param judged contexts to which systems reply
     * @param checks others, for hidden checks
     */
    record Drawn(List<StudyContext> judged, List<StudyContext> checks) {
    }

    static Drawn draw(StudyPlanSettings settings, Consumer<String> news) throws IOException {
        StudyContexts contexts = new StudyContexts(settings);
        for (Path file : settings.data()) contexts.read(file, news);
        return contexts.drawn(news);
    }

    private Drawn drawn(Consumer<String> news) {
        Path first = settings.data().getFirst();
        if (all.isEmpty()) {
            throw BadInput.in(first, "has no context" + (needsHuman ? " that people replied to" : ""),
                    "give dialogues, distilled data or ranking tests");
        }
        Collections.shuffle(all, new SplittableRandom(settings.design().seed()));
        List<StudyContext> checks = new ArrayList<>(all.stream().filter(StudyPlanner::canBeCheck)
                .limit(settings.checks()).toList());
        if (checks.size() < settings.checks()) {
            throw BadInput.in(first,
                    "has " + checks.size() + " contexts whose original replies have words enough for a "
                            + "check",
                    "set \"checks\" to 0, or give more data");
        }
        all.removeAll(checks);
        if (all.size() < settings.contexts()) {
            news.accept("there are " + all.size() + " contexts beside those of checks instead of "
                    + settings.contexts());
        }
        if (all.isEmpty()) throw BadInput.in(first, "has too few contexts", "set \"checks\" to 0, or give more data");
        return new Drawn(List.copyOf(all.subList(0, Math.min(all.size(), settings.contexts()))), checks);
    }

    private void read(Path file, Consumer<String> news) throws IOException {
        SourceFile source = SourceFile.recognise(file, settings.reading());
        switch (source.form()) {
            case DialogueFile _ -> {
                Exchanges rules = Exchanges.standard().withHistory(settings.history());
                try (SourceReader<Dialogue> reader = source.dialogues()) {
                    reader.forEachRemaining(dialogue -> add(dialogue, reader.speakers().of(dialogue, rules)));
                    tell(reader.report(), news);
                }
            }
            case DistilledFile format -> {
                try (SourceReader<Distilled> reader = source.open(format)) {
                    reader.forEachRemaining(each -> add(each.id(), each.context(), each.candidates().stream()
                            .filter(candidate -> candidate.origin() == Origin.ORIGINAL).map(Candidate::text).limit(1)
                            .toList()));
                    tell(reader.report(), news);
                }
            }
            case RankingFile format -> {
                for (RankingCase each : format.readAll(file)) {
                    add(each.id(), each.context(), each.positive().subList(0, 1));
                }
            }
            default -> throw BadInput.in(file, "holds replies without contexts",
                    "give dialogues, distilled data or ranking tests");
        }
    }

    private static void tell(ReadingReport report, Consumer<String> news) {
        if (report.isNews()) news.accept(report.sentence());
    }

    /** Of a dialogue the replies to its turns; or its first turn with what follows, to open conversations. */
    private void add(Dialogue dialogue, Exchanges rules) {
        if (!settings.form().isOfChats()) {
            rules.of(dialogue).forEach((Exchange each) -> add(each.dialogueId() + "#" + each.turn(), each.context(),
                    List.of(each.reply())));
            return;
        }
        List<String> turns = dialogue.merged().turns().stream().map(Turn::text).toList();
        if (turns.size() < 2) return;
        add(dialogue.id(), Context.of(turns.getFirst()),
                turns.subList(1, Math.min(turns.size(), 1 + settings.turns())));
    }

    private void add(String id, Context context, List<String> human) {
        Context seen = context.latest(settings.history());
        if (needsHuman && human.isEmpty()) return;
        if (!texts.add(seen.turns().stream().map(NormalForm::of).toList()) || !ids.add(id)) return;
        all.add(new StudyContext(id, seen, human));
    }
}
