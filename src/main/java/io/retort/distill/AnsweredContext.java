package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Origin;
import io.retort.files.Tally;
import io.retort.generate.CleanedReplies;
import io.retort.teacher.ReplyRequest;
import io.retort.teacher.TeacherReplies;
import java.util.ArrayList;
import java.util.List;

/** A context and the replies that it has so far. */
final class AnsweredContext implements GenerationItem<Distilled> {
    private final SourceContext source;
    private final ReplyGeneration.Settings settings;
    private final List<String> replies = new ArrayList<>();
    private final Tally tally = new Tally();
    private int rounds;

    AnsweredContext(SourceContext source, ReplyGeneration.Settings settings) {
        this.source = source;
        this.settings = settings;
    }

    /** Each round of samples draws its own. */
    @Override
    public ReplyRequest request() {
        return ReplyRequest.of(rounds == 0 ? source.id() : source.id() + "/" + rounds, source.context(), missing());
    }

    private int missing() {
        return settings.replies() - replies.size();
    }

    /** With enough replies, or after the last round. */
    @Override
    public boolean isComplete() {
        return missing() == 0 || rounds == settings.rounds();
    }

    @Override
    public void take(TeacherReplies said) {
        if (rounds == 0 && !said.wholeContext()) tally.add(ReplyGeneration.CUT, 1);
        List<String> taken = new ArrayList<>(source.originals());
        taken.addAll(replies);
        CleanedReplies cleaned = settings.cleaning().clean(source.context(), said.replies(), taken);
        cleaned.kept().stream().limit(missing()).forEach(replies::add);
        cleaned.dropped().forEach((reason, times) -> tally.add(ReplyGeneration.DROPPED + reason.label(), times));
        tally.add(ReplyGeneration.SAMPLES, said.replies().size());
        tally.add(ReplyGeneration.TOKENS, said.tokens());
        rounds++;
    }

    @Override
    public MadeRecord<Distilled> made() {
        List<Candidate> candidates = new ArrayList<>();
        if (settings.withOriginals())
            source.originals().forEach(text -> candidates.add(new Candidate(text, Origin.ORIGINAL)));
        replies.forEach(text -> candidates.add(new Candidate(text, Origin.GENERATED)));
        tally.add(ReplyGeneration.CONTEXTS, 1).add(ReplyGeneration.REPLIES, replies.size());
        if (missing() > 0) tally.add(ReplyGeneration.SHORT, 1);
        if (candidates.isEmpty()) return MadeRecord.leftOut(tally.add(ReplyGeneration.WITHOUT, 1));
        return MadeRecord.of(new Distilled(source.id(), source.context(), candidates, settings.teacher()), tally);
    }
}
