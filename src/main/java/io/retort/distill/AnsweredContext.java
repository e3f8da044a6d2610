package io.retort.distill;

import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.DistilledFile;
import io.retort.dialogue.Origin;
import io.retort.files.JobEntry;
import io.retort.files.Tally;
import io.retort.generate.Cleaned;
import io.retort.generate.Generation;
import io.retort.generate.GenerationRequest;
import io.retort.generate.PromptEncoder;
import io.retort.generate.RawReply;
import io.retort.generate.ReplyCleaning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A context and the replies that it has so far. */
final class AnsweredContext implements Inquiry {
    private final SourceContext source;
    private final int[] prompt;
    private final ReplyCleaning cleaning;
    private final ReplyGeneration.Settings settings;
    private final List<String> replies = new ArrayList<>();
    private final Tally tally = new Tally();
    private int rounds;

    AnsweredContext(SourceContext source, PromptEncoder prompts, ReplyCleaning cleaning,
            ReplyGeneration.Settings settings) {
        this.source = source;
        this.cleaning = cleaning;
        this.settings = settings;
        Context read = source.context().latest(settings.history());
        PromptEncoder.Fitted fitted = prompts.fitted(read);
        prompt = fitted.ids();
        if (!fitted.whole()) tally.add(ReplyGeneration.CUT, 1);
    }

    /** Each round of samples draws its own. */
    @Override
    public GenerationRequest request() {
        return new GenerationRequest(rounds == 0 ? source.id() : source.id() + "/" + rounds, prompt, missing());
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
    public void take(Generation generation) {
        List<String> taken = new ArrayList<>(source.originals());
        taken.addAll(replies);
        Cleaned cleaned = cleaning.clean(source.context(),
                generation.completions().stream().map(RawReply::of).toList(), taken);
        cleaned.kept().stream().limit(missing()).forEach(replies::add);
        cleaned.dropped().forEach((reason, times) -> tally.add(ReplyGeneration.DROPPED + reason.label(), times));
        tally.add(ReplyGeneration.SAMPLES, generation.completions().size());
        tally.add(ReplyGeneration.TOKENS, generation.tokens());
        rounds++;
    }

    @Override
    public JobEntry entry() {
        List<Candidate> candidates = new ArrayList<>();
        if (settings.withOriginals())
            source.originals().forEach(text -> candidates.add(new Candidate(text, Origin.ORIGINAL)));
        replies.forEach(text -> candidates.add(new Candidate(text, Origin.GENERATED)));
        tally.add(ReplyGeneration.CONTEXTS, 1).add(ReplyGeneration.REPLIES, replies.size());
        if (missing() > 0) tally.add(ReplyGeneration.SHORT, 1);
        if (candidates.isEmpty()) return new JobEntry(Optional.empty(), tally.add(ReplyGeneration.WITHOUT, 1));
        Distilled distilled = new Distilled(source.id(), source.context(), candidates, settings.teacher());
        return new JobEntry(Optional.of(DistilledFile.FORMAT.json(distilled)), tally);
    }
}
