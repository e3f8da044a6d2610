package io.retort.safety;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Finds all of many {@linkplain WordPattern patterns} in a text's words at once. It is Glushkov's automaton: each place
 * where a pattern has a word is a state, which is reached when that word is read after a state before it, and nothing
 * is ever tried twice. A pattern does not begin with any word, as that would begin everywhere. So the time is bounded by the number of words times that of the states, and is in practice that of
 * the few states that share the words at hand. Built by one thread, then used by any.
 */
final class PatternAutomaton {
    private final WordTrie words = new WordTrie();
    private final List<int[]> after = new ArrayList<>();
    private final List<int[]> ends = new ArrayList<>();
    /** A run for a text of so many words is not kept. */
    private static final int LONG = 10_000, MOST_IDLE = 64;
    private final Queue<Run> idle = new ArrayBlockingQueue<>(MOST_IDLE);
    private final BitSet isFirst = new BitSet(), takesAny = new BitSet(), longStates = new BitSet();

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
        int from = after.size();
        Part part = part(pattern);
        if (part.mayBeMissing) throw new IllegalArgumentException("all of its words may be missing");
        part.first.removeIf(takesAny::get);
        for (int state : part.first) isFirst.set(state);
        for (int state : part.last) ends.set(state, with(ends.get(state), number));
        longStates.set(from, after.size(), isLong);
    }

    private static int[] with(int[] numbers, int more) {
        int[] longer = Arrays.copyOf(numbers, numbers.length + 1);
        longer[numbers.length] = more;
        return longer;
    }

    private int newState() {
        after.add(new int[0]);
        ends.add(new int[0]);
        return after.size() - 1;
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
                takesAny.set(state);
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
        for (int state : one.last) {
            IntArrayList its = IntArrayList.wrap(after.get(state));
            its.addAll(two.first);
            after.set(state, its.toIntArray());
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
        Run run = idle.poll();
        if (run == null) run = new Run(after.size());
        List<Hit> hits = run.over(text);
        if (text.size() < LONG) idle.offer(run);
        return hits;
    }

    /** One text being read. */
    private final class Run implements WordTrie.Numbers {
        private List<Hit> hits;
        /** By state: the number of the word that it waits for or was reached by, and where the pattern began. */
        private final int[] waits, waitsFrom, reached, reachedFrom;
        private final IntArrayList now = new IntArrayList(), next = new IntArrayList();
        private int at, number;

        Run(int states) {
            waits = new int[states];
            waitsFrom = new int[states];
            reached = new int[states];
            reachedFrom = new int[states];
        }

        List<Hit> over(List<? extends CharSequence> text) {
            hits = new ArrayList<>(2);
            number++; // the word before the first one is none of the text before
            now.clear();
            if (number > Integer.MAX_VALUE - text.size() - 1) forget();
            for (at = 0; at < text.size(); at++) read(text.get(at));
            return hits;
        }

        private void forget() {
            Arrays.fill(waits, 0);
            Arrays.fill(reached, 0);
            number = 1;
        }

        private void read(CharSequence word) {
            number++;
            next.clear();
            // The states after those of the word before wait for this one; those that take any word are reached by it.
            for (int i = 0; i < now.size(); i++) {
                int state = now.getInt(i), start = reachedFrom[state];
                for (int follower : after.get(state)) await(follower, start);
            }
            for (int i = 0; i < next.size(); i++) tell(next.getInt(i));
            words.read(word, this);
            now.clear();
            now.addAll(next);
        }

        private void await(int state, int start) {
            if (waits[state] == number && !isBetter(state, start, waitsFrom[state])) return;
            waits[state] = number;
            waitsFrom[state] = start;
            if (takesAny.get(state)) reach(state, start);
        }

        private boolean isBetter(int state, int start, int other) {
            return longStates.get(state) ? start < other : start > other;
        }

        @Override
        public void take(int[] states) {
            for (int state : states) {
                boolean isWaiting = waits[state] == number;
                if (!isWaiting && !isFirst.get(state)) continue;
                int start = isWaiting && (longStates.get(state) || !isFirst.get(state)) ? waitsFrom[state] : at;
                if (reached[state] == number && !isBetter(state, start, reachedFrom[state])) continue;
                reach(state, start);
                tell(state);
            }
        }

        private void reach(int state, int start) {
            if (reached[state] != number) next.add(state);
            reached[state] = number;
            reachedFrom[state] = start;
        }

        private void tell(int state) {
            for (int pattern : ends.get(state)) hits.add(new Hit(pattern, reachedFrom[state], at));
        }
    }
}
