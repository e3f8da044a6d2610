package io.retort.learn;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.generate.Chat;
import io.retort.generate.Continuation;
import io.retort.generate.PromptEncoder;
import io.retort.generate.SourceTurns;
import io.retort.lm.TrainingText;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How a stretch of a dialogue is written for a generator to learn: as it is asked later, token for token. Immutable.
 */
sealed interface DialogueForm {
    /** A turn as it is learned, with the sign of its end. */
    int[] turn(String text);

    /** The most tokens that a text of these turns can have, whichever of the two speakers begins. */
    int size(List<int[]> turns);

    /** Whether a model learns anything from a window of {@code turns} turns, all of which are new to it. */
    boolean teaches(int turns);

    /** Whether a text teaches its last turn alone, so that each turn needs a text of its own. */
    default boolean teachesLastOnly() {
        return false;
    }

    /**
     * Writes a window of a dialogue as a text to learn from.
     *
     * @param replierFirst whether the first turn is that of the one who replies; speakers take turns from there. Where
     *                     nothing would be learned so, it is the other way round
     * @param longest      tokens that a turn is cut to
     */
    TrainingText text(DialogueTexts.Window window, boolean replierFirst, int longest);

    /** A text for a generator in the making: tokens that it reads, and tokens that it learns. */
    final class LearnedTokens {
        private final IntArrayList tokens = new IntArrayList();
        private final BitSet targets = new BitSet();

        LearnedTokens add(int[] more, boolean learned) {
            int from = tokens.size();
            tokens.addElements(from, more);
            // Nothing stands before the first token that it could be learned from.
            if (learned) targets.set(Math.max(1, from), Math.max(1, tokens.size()));
            return this;
        }

        boolean teaches() {
            return !targets.isEmpty();
        }

        TrainingText text() {
            boolean[] flags = new boolean[tokens.size()];
            targets.stream().forEach(at -> flags[at] = true);
            return new TrainingText(tokens.toIntArray(), flags);
        }
    }

    /**
     * Lines {@code A: …} and {@code B: …}: the model learns every turn with its line break, but no label and no header.
     */
    final class ContinuationForm implements DialogueForm {
        private final Continuation format;
        private final Tokenizer tokenizer;
        private final int[] opening;
        private final int[][] labels; // the other's, the replier's

        ContinuationForm(Continuation format, Tokenizer tokenizer) {
            this.format = format;
            this.tokenizer = tokenizer;
            this.opening = format.opening().encode(tokenizer);
            this.labels = new int[][]{Continuation.label(false).encode(tokenizer),
                Continuation.label(true).encode(tokenizer)};
        }

        @Override
        public int[] turn(String text) {
            return format.reply(text).encode(tokenizer);
        }

        @Override
        public int size(List<int[]> turns) {
            int label = Math.max(labels[0].length, labels[1].length);
            return opening.length + turns.stream().mapToInt(turn -> turn.length + label).sum();
        }

        @Override
        public boolean teaches(int turns) {
            return true;
        }

        @Override
        public TrainingText text(DialogueTexts.Window window, boolean replierFirst, int longest) {
            LearnedTokens text = new LearnedTokens().add(opening, false);
            for (int i = 0; i < window.turns().size(); i++) {
                int[] turn = turn(window.turns().get(i));
                text.add(labels[replierFirst == (i % 2 == 0) ? 1 : 0], false);
                text.add(turn.length > longest ? Arrays.copyOf(turn, longest) : turn, i >= window.heard());
            }
            return text.text();
        }
    }

    /**
     * Messages in the model's chat template: the model learns those of the assistant, each with the sign of its end,
     * and reads all else. What is read and what is learned are encoded apart, as when a reply is generated.
     */
    final class ChatForm implements DialogueForm {
        private final Chat format;
        private final Tokenizer tokenizer;
        private final Chat.Frame frame;
        private final int opening;
        private final int around;

        /** @throws BadInput if the template writes earlier messages otherwise than those that are to be answered */
        ChatForm(Chat format, Tokenizer tokenizer) {
            this.format = format;
            this.tokenizer = tokenizer;
            this.frame = format.frame();
            int user = frame.beforeUser().encode(tokenizer).length;
            int assistant = frame.beforeAssistant().map(prompt -> prompt.encode(tokenizer).length).orElse(0);
            this.opening = Math.max(user, assistant);
            this.around = frame.toAssistant().encode(tokenizer).length + frame.toUser().encode(tokenizer).length;
        }

        @Override
        public int[] turn(String text) {
            return format.reply(text).encode(tokenizer);
        }

        @Override
        public int size(List<int[]> turns) {
            return opening + turns.stream().mapToInt(turn -> turn.length).sum()
                    + Math.ceilDiv(turns.size(), 2) * around;
        }

        @Override
        public boolean teaches(int turns) {
            return turns > 1 || frame.beforeAssistant().isPresent();
        }

        @Override
        public TrainingText text(DialogueTexts.Window window, boolean replierFirst, int longest) {
            LearnedTokens text = tokens(window, replierFirst, longest);
            return (text.teaches() ? text : tokens(window, !replierFirst, longest)).text();
        }

        /**
         * Writes a window by the template. The assistant's first turn is left out where the template wants the user's
         * first; the user's last always is.
         */
        private LearnedTokens tokens(DialogueTexts.Window window, boolean replierFirst, int longest) {
            LearnedTokens text = new LearnedTokens();
            List<String> turns = window.turns();
            int first = replierFirst && frame.beforeAssistant().isEmpty() ? 1 : 0;
            boolean assistant = replierFirst && first == 0;
            if (assistant) text.add(frame.beforeAssistant().get().encode(tokenizer), false);
            for (int i = first; i < turns.size(); i++, assistant = !assistant) {
                if (assistant) text.add(cut(turn(turns.get(i)), longest), i >= window.heard());
                else if (i + 1 < turns.size()) addUser(text, i == first, turns.get(i).strip(), longest);
            }
            return text;
        }

        private void addUser(LearnedTokens text, boolean first, String turn, int longest) {
            Prompt before = first ? frame.beforeUser() : frame.toUser();
            int[] said = Prompt.untrusted(turn).encode(tokenizer);
            if (said.length <= longest) {
                text.add(before.then(Prompt.untrusted(turn)).then(frame.toAssistant()).encode(tokenizer), false);
            } else {
                text.add(before.encode(tokenizer), false).add(cut(said, longest), false)
                        .add(frame.toAssistant().encode(tokenizer), false);
            }
        }

        private static int[] cut(int[] turn, int longest) {
            return turn.length > longest ? Arrays.copyOf(turn, longest) : turn;
        }
    }

    /**
     * Turns that an encoder reads, and the last one, which the decoder learns to write. Who speaks makes no difference:
     * every turn but the first of a dialogue is a reply to those before it.
     */
    final class SourceForm implements DialogueForm {
        private final SourceTurns format;
        private final Tokenizer tokenizer;
        private final int start;
        private final int around;

        /**
         * @param start the token that the decoder starts with
         */
        SourceForm(SourceTurns format, Tokenizer tokenizer, int start) {
            this.format = format;
            this.tokenizer = tokenizer;
            this.start = start;
            // A header stands before the turns like one of them.
            this.around = 1 + format.unconditional().encode(tokenizer).length
                    + format.header().stream().mapToInt(line -> turn(line).length).sum();
        }

        @Override
        public int[] turn(String text) {
            return format.reply(text).encode(tokenizer);
        }

        @Override
        public int size(List<int[]> turns) {
            return around + turns.stream().mapToInt(turn -> turn.length).sum();
        }

        @Override
        public boolean teaches(int turns) {
            return turns > 1;
        }

        @Override
        public boolean teachesLastOnly() {
            return true;
        }

        @Override
        public TrainingText text(DialogueTexts.Window window, boolean replierFirst, int longest) {
            List<String> turns = window.turns();
            int[] reply = turn(turns.getLast());
            int[] source = new PromptEncoder(format, tokenizer, longest)
                    .prompt(new Context(turns.subList(0, turns.size() - 1)));
            return TrainingText.ofReply(source, start, reply.length > longest ? Arrays.copyOf(reply, longest) : reply);
        }
    }
}
