package io.retort.dialogue;

import io.retort.files.WhiteSpace;
import io.retort.settings.InvalidSetting;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How contexts and replies are cut out of dialogues. Every turn but the first is a reply to the turns before it; a
 * reply never crosses dialogues. Immutable.
 *
 * @param history most turns a context keeps, the newest ones; at least 1
 * @param replier speakers whose turns count as replies
 * @param minimumWords replies with fewer words (runs between white space) are left out, though they stay in contexts
 */
public record Exchanges(int history, Predicate<String> replier, int minimumWords) {
    /** History of the released recipe (section 4 of the paper). */
    public static final int DEFAULT_HISTORY = 20;

    /**
     * Checks the numbers.
     *
     * @throws InvalidSetting if history is below 1 or minimumWords below 0
     */
    public Exchanges {
        InvalidSetting.unless(history >= 1, "history", history, "keep at least 1");
        InvalidSetting.unless(minimumWords >= 0, "minimumWords", minimumWords, "use 0 or more");
    }

    /** The released recipe: twenty turns of history, replies of all speakers and of any length. */
    public static Exchanges standard() {
        return new Exchanges(DEFAULT_HISTORY, speaker -> true, 0);
    }

    /** These rules with another number of turns that a context keeps at most. */
    public Exchanges withHistory(int turns) {
        return new Exchanges(turns, replier, minimumWords);
    }

    /** These rules with only the turns of the named speakers counting as replies. */
    public Exchanges withRepliesOf(String... speakers) {
        return new Exchanges(history, List.of(speakers)::contains, minimumWords);
    }

    /** These rules with the turns of those speakers counting as replies for whom the test is true. */
    public Exchanges withReplier(Predicate<String> replier) {
        return new Exchanges(history, replier, minimumWords);
    }

    /** These rules with only replies of at least so many words. */
    public Exchanges withMinimumWords(int words) {
        return new Exchanges(history, replier, words);
    }

    /** The exchanges of one dialogue in order, made as they are asked for. */
    public Stream<Exchange> of(Dialogue dialogue) {
        List<Turn> turns = dialogue.turns();
        return IntStream.range(1, turns.size()).filter(i -> isReply(turns.get(i))).mapToObj(i -> exchange(dialogue, i));
    }

    /** How many replies of a dialogue are left out for having too few words. */
    public long tooShort(Dialogue dialogue) {
        return dialogue.turns().stream().skip(1).filter(turn -> replier.test(turn.speaker()) && isTooShort(turn))
                .count();
    }

    private boolean isReply(Turn turn) {
        return replier.test(turn.speaker()) && !isTooShort(turn);
    }

    private boolean isTooShort(Turn turn) {
        return words(turn.text()) < minimumWords;
    }

    private Exchange exchange(Dialogue dialogue, int place) {
        List<Turn> before = dialogue.turns().subList(Math.max(0, place - history), place);
        Context context = new Context(before.stream().map(Turn::text).toList());
        return new Exchange(context, dialogue.turns().get(place).text(), dialogue.id(), place);
    }

    /** Number of words in a text: runs of characters between white space. */
    public static long words(String text) {
        return WhiteSpace.words(text);
    }
}
