package io.retort.safety;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Finds all of many {@linkplain WordPattern patterns} in a text's words at once. It is Glushkov's automaton: each place
 * where a pattern has a word is a state, which is reached when that word is read after a state before it, and nothing
 * is ever tried twice. So the time is bounded by the number of words times that of the states, and is in practice that of
 * the few states that share the words at hand. Built by one thread, then used by any.
 */
final class PatternAutomaton {
    private static final int NOT_FIRST = 0;
    private final WordTrie words = new WordTrie();
    private final List<int[]> before = new ArrayList<>();
    private final List<int[]> ends = new ArrayList<>();
    private final IntArrayList isFirst = new IntArrayList();
    private final IntArrayList any = new IntArrayList();
    private int[] anyStates = {};
    private final BitSet longStates = new BitSet();

    /** Where a pattern was found, in words, both inclusive. */
    record Hit(int pattern, int from, int to) {
    }

    /** States in which a part of a pattern may begin and end, and whether it may be missing. */
    private record Part(IntArrayList first, IntArrayList last, boolean mayBeMissing) {
    }

    /** The words of all patterns. */
    WordTrie words() {
        return words;
    }

    /**
     * Adds a pattern, which may match anything but nothing at all.
     *
     * @param isLong whether of the ways in which it may end at a word the longest is told, and not the shortest
     * @throws IllegalArgumentException if it matches the empty text
     */
    void add(WordPattern pattern, int number, boolean isLong) {
        int from = before.size();
        Part part = part(pattern);
        if (part.mayBeMissing) throw new IllegalArgumentException("all of its words may be missing");
        for (int state : part.first) isFirst.set(state, 1);
        for (int state : part.last) ends.set(state, with(ends.get(state), number));
        anyStates = any.toIntArray();
        longStates.set(from, before.size(), isLong);
    }

    private static int[] with(int[] numbers, int more) {
        int[] longer = Arrays.copyOf(numbers, numbers.length + 1);
        longer[numbers.length] = more;
        return longer;
    }

    private int newState() {
        before.add(new int[0]);
        ends.add(new int[0]);
        isFirst.add(NOT_FIRST);
        return before.size() - 1;
    }

    private Part part(WordPattern pattern) {
        return switch (pattern) {
            case WordPattern.Words(var those) -> {
                int state = newState();
                for (String word : those) {
                    boolean isStart = word.endsWith("*");
                    words.add(isStart ? word.substring(0, word.length() - 1) : word, isStart, state);
                }
                yield new Part(IntArrayList.of(state), IntArrayList.of(state), false);
            }
            case WordPattern.AnyWord() -> {
                int state = newState();
                any.add(state);
                yield new Part(IntArrayList.of(state), IntArrayList.of(state), false);
            }
            case WordPattern.Maybe(WordPattern inner) -> {
                Part its = part(inner);
                yield new Part(its.first, its.last, true);
            }
            case WordPattern.Choice(var parts) -> {
                Part all = new Part(new IntArrayList(), new IntArrayList(), false);
                for (WordPattern each : parts) {
                    Part its = part(each);
                    all.first.addAll(its.first);
                    all.last.addAll(its.last);
                    all = new Part(all.first, all.last, all.mayBeMissing || its.mayBeMissing);
                }
                yield all;
            }
            case WordPattern.Sequence(var parts) -> {
                Part all = part(parts.getFirst());
                for (WordPattern each : parts.subList(1, parts.size())) all = after(all, part(each));
                yield all;
            }
        };
    }

    private Part after(Part one, Part two) {
        for (int state : two.first) {
            IntArrayList its = IntArrayList.wrap(before.get(state));
            its.addAll(one.last);
            before.set(state, its.toIntArray());
        }
        IntArrayList first = new IntArrayList(one.first), last = new IntArrayList(two.last);
        if (one.mayBeMissing) first.addAll(two.first);
        if (two.mayBeMissing) last.addAll(one.last);
        return new Part(first, last, one.mayBeMissing && two.mayBeMissing);
    }

    /**
     * Finds the patterns in a text.
     *
     * @return in the order in which they end
     */
    List<Hit> find(List<? extends CharSequence> text) {
        Run run = new Run(before.size());
        for (int i = 0; i < text.size(); i++) run.read(text.get(i), i);
        return run.hits;
    }

    /** One text being read. */
    private final class Run implements WordTrie.Numbers {
        private final List<Hit> hits = new ArrayList<>(2);
        private final int[] reached, from; // per state: one more than the word where it was reached, and where it began
        private final int[] was, began; // the same one word earlier, of states reached both times
        private int at;

        Run(int states) {
            reached = new int[states];
            from = new int[states];
            was = new int[states];
            began = new int[states];
        }

        void read(CharSequence word, int place) {
            at = place;
            words.read(word, this);
            take(anyStates);
        }

        @Override
        public void take(int[] states) {
            for (int state : states) {
                boolean isLong = longStates.get(state);
                int start = isFirst.getInt(state) == 1 ? at : -1;
                for (int earlier : before.get(state)) {
                    int its = startOneEarlier(earlier);
                    if (its >= 0 && (start < 0 || (isLong ? its < start : its > start))) start = its;
                }
                if (start >= 0) reach(state, start);
            }
        }

        /** Where the pattern began that had reached a state with the word before; -1 if none had. */
        private int startOneEarlier(int state) {
            if (at == 0) return -1;
            if (reached[state] == at) return from[state]; // it is told by one more than the place
            return was[state] == at ? began[state] : -1;
        }

        private void reach(int state, int start) {
            if (reached[state] == at + 1) {
                if (longStates.get(state) ? start >= from[state] : start <= from[state]) return; // reached so already
            } else {
                was[state] = reached[state];
                began[state] = from[state];
                reached[state] = at + 1;
            }
            from[state] = start;
            for (int pattern : ends.get(state)) hits.add(new Hit(pattern, start, at));
        }
    }
}
