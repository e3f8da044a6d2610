package io.retort.study;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.reply.RankedReplies;
import io.retort.reply.RankedReply;
import io.retort.reply.Responder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A bot talks to itself: both speakers are the same responder, neither says what was said before. Equal opening, equal
 * conversation.
 */
public final class SelfChat {
    private SelfChat() {}

    /**
     * What a bot says to itself after an opening.
     *
     * @param opening turns that are given
     * @param turns   that the bot adds, at least 1
     * @param history most turns that it reads, at least 1
     * @throws BadInput if it has no reply left
     */
    public static List<String> after(Context opening, Responder bot, int turns, int history) {
        if (turns < 1) throw new IllegalArgumentException("turns is " + turns + ", not 1 or more");
        if (history < 1) throw new IllegalArgumentException("history is " + history + ", not 1 or more");
        List<String> all = new ArrayList<>(opening.turns());
        BitSet unsaid = new BitSet(bot.size());
        unsaid.set(0, bot.size());
        while (all.size() < opening.turns().size() + turns) {
            RankedReplies found = bot.reply(new Context(all).latest(history), 1, unsaid);
            if (found.ranked().isEmpty()) {
                throw BadInput.of("a bot of " + bot.size() + " replies has none left after " + all.size() + " turns",
                        "give it more replies, or make its conversations shorter");
            }
            all.add(found.text());
            unsaid.clear(found.best().row());
            for (RankedReply echo : found.echoes()) unsaid.clear(echo.row());
        }
        return List.copyOf(all.subList(opening.turns().size(), all.size()));
    }
}
