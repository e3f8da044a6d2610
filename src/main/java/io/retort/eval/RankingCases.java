package io.retort.eval;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Exchange;
import io.retort.dialogue.Exchanges;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.RankingCase;
import io.retort.files.BadInput;

/**
 * Ranking tests out of dialogues: each true reply among random replies of other dialogues. No negative is the true
 * reply in another spelling, and no two negatives are one another's ({@link NormalForm}). Immutable.
 *
 * @param exchanges how contexts and replies are cut out
 * @param negatives random replies a case, at least 1
 * @param seed moves the draw; equal seed and dialogues, equal cases
 */
public record RankingCases(Exchanges exchanges, int negatives, long seed) {
    /**
     * Checks that there is at least one negative a case.
     *
     * @throws BadInput if there is nothing to rank against
     */
    public RankingCases {
        if (negatives < 1) throw BadInput.of(negatives + " random replies a context", "use 1 or more");
    }

    /**
     * The cases in the order of the dialogues, made as they are asked for.
     *
     * @throws BadInput if there are too few different replies
     */
    public Stream<RankingCase> of(List<Dialogue> dialogues) {
        return among(dialogues.stream().flatMap(exchanges::of).toList());
    }

    /**
     * The cases of exchanges, in their order, whose replies are ranked against those of the others.
     *
     * @throws BadInput if there are too few different replies
     */
    public Stream<RankingCase> among(List<Exchange> pool) {
        List<String> forms = pool.stream().map(exchange -> NormalForm.of(exchange.reply())).toList();
        SplittableRandom seeds = new SplittableRandom(seed);
        return pool.stream().map(exchange -> rankingCase(exchange, pool, forms, seeds.split()));
    }

    private RankingCase rankingCase(Exchange exchange, List<Exchange> pool, List<String> forms,
            SplittableRandom random) {
        Set<String> used = new HashSet<>();
        used.add(NormalForm.of(exchange.reply()));
        List<String> drawn = new ArrayList<>(negatives);
        for (int i = 0; i < negatives; i++) drawn.add(pool.get(draw(exchange, pool, forms, used, random)).reply());
        return new RankingCase(exchange.dialogueId() + "#" + exchange.turn(), exchange.context(),
                List.of(exchange.reply()), List.of(), drawn);
    }

    /** A place drawn at random; if it does not serve, another, and after as many draws as places the next that does. */
    private int draw(Exchange exchange, List<Exchange> pool, List<String> forms, Set<String> used,
            SplittableRandom random) {
        int attempts = Math.min(pool.size(), 100);
        for (int attempt = 0; attempt < attempts; attempt++) {
            int place = random.nextInt(pool.size());
            if (serves(place, exchange, pool, forms, used)) return place;
        }
        int start = random.nextInt(pool.size());
        for (int step = 0; step < pool.size(); step++) {
            int place = (start + step) % pool.size();
            if (serves(place, exchange, pool, forms, used)) return place;
        }
        throw BadInput.of("too few different replies for " + negatives + " random ones a context",
                "give more dialogues or ask for fewer random replies");
    }

    private static boolean serves(int place, Exchange exchange, List<Exchange> pool, List<String> forms,
            Set<String> used) {
        return !pool.get(place).dialogueId().equals(exchange.dialogueId()) && used.add(forms.get(place));
    }
}
