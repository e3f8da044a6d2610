package io.retort.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What somebody who typed a name that there is not may have meant. */
final class Suggestions {
    private static final int MOST = 3;
    private static final int LEAST_BEGINNING = 2;

    private Suggestions() {}

    /** The names that are near to what was typed, the nearest first: mistyped by a letter or two, or its beginning. */
    static List<String> of(String typed, Collection<String> names) {
        String plain = bare(typed);
        int nearest = names.stream().mapToInt(name -> distance(plain, bare(name))).min().orElse(0);
        return names.stream().distinct().filter(name -> isNear(plain, bare(name), nearest))
                .sorted(Comparator.<String>comparingInt(name -> distance(plain, bare(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST).toList();
    }

    private static boolean isNear(String typed, String name, int nearest) {
        int distance = distance(typed, name);
        return typed.length() >= LEAST_BEGINNING && name.startsWith(typed)
                || distance <= Math.max(1, (typed.length() + 1) / 3) && distance <= nearest + 1
                        && distance < name.length() && name.length() > 1;
    }

    private static String bare(String name) {
        return name.replaceFirst("^-+", "").toLowerCase(Locale.ROOT);
    }

    /** The question that follows a message, such as {@code "; did you mean --data?"}; empty where nothing is near. */
    static String question(List<String> names) {
        return names.isEmpty() ? "" : "; did you mean " + names.stream().collect(Collectors.joining(" or ")) + "?";
    }

    /**
     * The fewest insertions, deletions and replacements of letters and exchanges of neighbours that make b of a.
     */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) cost[i][0] = i;
        for (int j = 0; j <= b.length(); j++) cost[0][j] = j;
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(cost[i - 1][j - 1] + same, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                boolean exchanged = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
                if (exchanged) cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
            }
        }
        return cost[a.length()][b.length()];
    }
}
