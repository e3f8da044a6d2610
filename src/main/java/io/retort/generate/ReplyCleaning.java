package io.retort.generate;

import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import io.retort.dialogue.Context;
import io.retort.dialogue.NormalForm;
import io.retort.settings.InvalidSetting;

/**
 * From what a generator wrote to replies that a person could have typed: cut where the next turn begins, on one line,
 * out of its quotes, without what stands before it (a time stamp, a list's number, a speaker's label), and to whole
 * sentences where the length limit cut it; dropped for a {@link DropReason} otherwise. Cleaning a clean reply changes
 * nothing. Immutable.
 *
 * <p>Rules grow, and a job that was begun with fewer must not end with more: each {@code edition} of them stays as it is.
 *
 * @param minimumWords fewest words of a reply
 * @param maximumWords most words of a reply; of a longer one the leading sentences are kept that have no more
 * @param edition      of the rules: 1 as in the first files of version 0.1, or {@value #NEWEST_EDITION}, which also cuts
 *                     openings and drops what is out of place in its conversation
 * @param dropAssistantTalk whether replies that talk as an assistant does are dropped: wanted of replies for small talk,
 *                     not where an assistant is distilled
 */
public record ReplyCleaning(int minimumWords, int maximumWords, int edition, boolean dropAssistantTalk) {
    /** The edition of the rules that a new job cleans by. */
    public static final int NEWEST_EDITION = 2;

    /** The fewest words of an earlier turn that is recognised when it is said again; the newest may be shorter. */
    private static final int COPIED_WORDS = 4;
    private static final String QUOTES = "\"\u201c\u201d";

    /**
     * @throws InvalidSetting if no reply could pass
     */
    public ReplyCleaning {
        InvalidSetting.unless(minimumWords >= 0, "minimumWords", minimumWords, "use 0 or more");
        InvalidSetting.unless(maximumWords >= Math.max(1, minimumWords), "maximumWords", maximumWords,
                "allow 1 or more, and at least the " + minimumWords + " that are required");
        InvalidSetting.unless(edition >= 1 && edition <= NEWEST_EDITION, "edition", edition,
                "use 1 to " + NEWEST_EDITION);
    }

    /** Cleaning by the newest edition of the rules, which lets talk as an assistant's pass. */
    public ReplyCleaning(int minimumWords, int maximumWords) {
        this(minimumWords, maximumWords, NEWEST_EDITION, false);
    }

    /** The usual cleaning, which keeps replies of two to forty words. */
    public static ReplyCleaning standard() {
        return new ReplyCleaning(2, 40);
    }

    /** A copy of these settings that cleans by another edition of the rules. */
    public ReplyCleaning withEdition(int edition) {
        return new ReplyCleaning(minimumWords, maximumWords, edition, dropAssistantTalk);
    }

    /** A copy of these settings that drops replies which talk as an assistant does, or lets them pass. */
    public ReplyCleaning withoutAssistantTalk(boolean drop) {
        return new ReplyCleaning(minimumWords, maximumWords, edition, drop);
    }

    /** Cleans the replies to a context and drops those that no person would have written. */
    public CleanedReplies clean(Context context, List<RawReply> replies) {
        return clean(context, replies, List.of());
    }

    /**
     * Cleans the replies to a context and drops those that no person would have written.
     *
     * @param taken replies that the context has already; the same again is a duplicate
     */
    public CleanedReplies clean(Context context, List<RawReply> replies, Collection<String> taken) {
        Set<String> forms = new HashSet<>();
        taken.forEach(reply -> forms.add(NormalForm.of(reply)));
        List<String> kept = new ArrayList<>();
        Map<DropReason, Integer> dropped = new EnumMap<>(DropReason.class);
        for (RawReply reply : replies) {
            String text = tidy(context, reply);
            Optional<DropReason> reason = reason(context, reply, text);
            if (reason.isEmpty() && !forms.add(NormalForm.of(text))) reason = Optional.of(DropReason.DUPLICATE);
            reason.ifPresentOrElse(why -> dropped.merge(why, 1, Integer::sum), () -> kept.add(text));
        }
        return new CleanedReplies(kept, dropped);
    }

    /**
     * Cuts a reply down to what a person could have typed. Each step only shortens, and may uncover what another cuts,
     * so all are repeated until none finds anything.
     */
    private String tidy(Context context, RawReply reply) {
        String before;
        String text = reply.text();
        do {
            before = text;
            text = unquoted(line(firstTurn(context, text)));
            if (!reply.finished()) text = Sentences.whole(text);
            if (Sentences.words(text) > maximumWords) {
                String leading = Sentences.leading(text, maximumWords);
                if (!leading.isEmpty()) text = leading;
            }
        } while (!text.equals(before));
        return text;
    }

    /** The first turn of a text, without what stands before it. */
    private String firstTurn(Context context, String text) {
        String first = RoleMarkers.firstTurn(text);
        return edition == 1 ? first : SpeakerLabels.firstTurn(Openings.without(first, context));
    }

    private static String line(String text) {
        return WhiteSpace.collapse(text);
    }

    /** Removes quotes around the whole text, and a quote that lost its other half. */
    private static String unquoted(String text) {
        long quotes = text.chars().filter(c -> QUOTES.indexOf(c) >= 0).count();
        boolean first = !text.isEmpty() && QUOTES.indexOf(text.charAt(0)) >= 0;
        boolean last = !text.isEmpty() && QUOTES.indexOf(text.charAt(text.length() - 1)) >= 0;
        if (first && last && quotes == 2) return text.substring(1, text.length() - 1).strip();
        if (quotes % 2 == 0) return text;
        if (first) return text.substring(1).strip();
        return last ? text.substring(0, text.length() - 1).strip() : text;
    }

    private Optional<DropReason> reason(Context context, RawReply reply, String text) {
        String firstTurn = firstTurn(context, reply.text());
        if (firstTurn.isEmpty()) return Optional.of(DropReason.EMPTY);
        if (edition > 1 && Forbidden.setsAScene(reply.text())) return Optional.of(DropReason.STAGE_DIRECTION);
        // Lists show only while their lines are apart; what tidying uncovers shows only after it.
        Optional<DropReason> forbidden = Forbidden.reason(firstTurn, edition)
                .or(() -> Forbidden.reason(text, edition));
        if (forbidden.isPresent()) return forbidden;
        if (dropAssistantTalk && AssistantTalk.in(firstTurn)) return Optional.of(DropReason.ASSISTANT_TALK);
        int words = Sentences.words(text);
        if (text.isEmpty()) return Optional.of(reply.finished() ? DropReason.EMPTY : DropReason.UNFINISHED);
        if (words < minimumWords) return Optional.of(DropReason.TOO_SHORT);
        if (words > maximumWords) return Optional.of(DropReason.TOO_LONG);
        if (Repetition.within(text)) return Optional.of(DropReason.REPETITION);
        if (copies(context, text)) return Optional.of(DropReason.COPY);
        return edition == 1 ? Optional.empty() : OutOfPlace.reason(context, text);
    }

    private static boolean copies(Context context, String text) {
        String form = NormalForm.of(text);
        if (form.equals(NormalForm.of(context.newest()))) return true;
        return context.turns().stream().anyMatch(turn -> Sentences.words(turn) >= COPIED_WORDS
                && form.startsWith(NormalForm.of(turn)) || Repetition.echoes(text, turn));
    }
}
