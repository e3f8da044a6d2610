package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.files.JobEntry;
import io.retort.files.Tally;
import io.retort.generate.Cleaned;
import io.retort.generate.Completion;
import io.retort.generate.Generation;
import io.retort.generate.RawReply;
import io.retort.generate.ReplyCleaning;
import io.retort.generate.StopReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A context and the replies that it has so far. */
final class AnsweredContext {
    private final SourceContext source;
    private final int[] prompt;
    private final List<String> replies = new ArrayList<>();
    private final Tally tally = new Tally();
    private int rounds;
    private boolean complete;

    AnsweredContext(SourceContext source, int[] prompt) {
        this.source = source;
        this.prompt = prompt;
    }

    int[] prompt() {
        return prompt;
    }

    /** Names the next round of samples: each draws its own. */
    String request() {
        return rounds == 0 ? source.id() : source.id() + "/" + rounds;
    }

    int missing(int wanted) {
        return wanted - replies.size();
    }

    boolean isComplete() {
        return complete;
    }

    /** Takes what a round of samples brought; the context is complete with enough replies, or after the last round. */
    void take(Generation generation, ReplyCleaning cleaning, int wanted, int mostRounds) {
        List<String> taken = new ArrayList<>(source.originals());
        taken.addAll(replies);
        Cleaned cleaned = cleaning.clean(source.context(),
                generation.completions().stream().map(AnsweredContext::raw).toList(), taken);
        cleaned.kept().stream().limit(missing(wanted)).forEach(replies::add);
        cleaned.dropped().forEach((reason, times) -> tally.add(ReplyGeneration.DROPPED + reason.label(), times));
        tally.add(ReplyGeneration.SAMPLES, generation.completions().size());
        tally.add(ReplyGeneration.TOKENS, generation.tokens());
        rounds++;
        complete = replies.size() == wanted || rounds == mostRounds;
    }

    private static RawReply raw(Completion completion) {
        return new RawReply(completion.text(),
                completion.reason() == StopReason.END || completion.reason() == StopReason.STRING);
    }

    /**
     * The context's entry.
     *
     * @param withOriginals whether what people answered stands first
     */
    JobEntry entry(boolean withOriginals, int wanted, Map<String, Object> teacher) {
        List<Candidate> candidates = new ArrayList<>();
        if (withOriginals) source.originals().forEach(text -> candidates.add(new Candidate(text, Origin.ORIGINAL)));
        replies.forEach(text -> candidates.add(new Candidate(text, Origin.GENERATED)));
        tally.add(ReplyGeneration.CONTEXTS, 1).add(ReplyGeneration.REPLIES, replies.size());
        if (replies.size() < wanted) tally.add(ReplyGeneration.SHORT, 1);
        if (candidates.isEmpty()) return new JobEntry(Optional.empty(), tally.add(ReplyGeneration.WITHOUT, 1));
        Distilled distilled = new Distilled(source.id(), source.context(), candidates, teacher);
        return new JobEntry(Optional.of(DistilledFile.FORMAT.json(distilled)), tally);
    }
}
