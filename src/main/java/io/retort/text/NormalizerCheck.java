package io.retort.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Refuses normalizers with which the native library would stop the whole JVM: a panic in Rust code that Java called
 * cannot be caught. Found by mutating files (tokenizers 0.21.4): patterns that match the empty string, empty texts to
 * prepend, and tables of {@code Precompiled} that point outside themselves.
 */
final class NormalizerCheck {
    private static final Set<String> TYPES = Set.of("Sequence", "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC",
            "NFKD", "Nmt", "StripAccents", "Strip", "Prepend", "ByteLevel", "Replace", "Precompiled");
    /** One character or escape, at least once: what tokenizers in the wild replace, and never empty or slow. */
    private static final Pattern SAFE_REGEX = Pattern
            .compile("(?:\\\\[snrtdwSDW]|[^\\\\\\[\\](){}|?*+.^$])(?:\\+|\\{[1-9]\\d?,\\})?");
    private static final int GREATEST_UTF8_BYTE = 0xf4;

    private NormalizerCheck() {}

    /** Says what is wrong with a normalizer; empty if nothing is. */
    static Optional<String> fault(JsonNode normalizer) {
        if (normalizer.isMissingNode() || normalizer.isNull()) return Optional.empty();
        String type = normalizer.path("type").asText();
        if (!TYPES.contains(type)) return Optional.of("normalizer `" + type + "` is not supported");
        return switch (type) {
            case "Sequence" -> normalizer.path("normalizers").valueStream().map(NormalizerCheck::fault)
                    .flatMap(Optional::stream).findFirst();
            case "Replace" -> pattern(normalizer.path("pattern"));
            case "Prepend" -> normalizer.path("prepend").asText().isEmpty()
                    ? Optional.of("a normalizer prepends nothing")
                    : Optional.empty();
            case "Precompiled" -> table(normalizer.path("precompiled_charsmap").asText());
            default -> Optional.empty();
        };
    }

    private static Optional<String> pattern(JsonNode pattern) {
        boolean safe = !pattern.path("String").asText().isEmpty()
                || SAFE_REGEX.matcher(pattern.path("Regex").asText()).matches();
        return safe ? Optional.empty() : Optional.of("the pattern " + pattern + " of a normalizer is not supported");
    }

    /**
     * The table is a double-array trie (length in bytes, units of 32 bits) followed by the texts its leaves point to.
     */
    private static Optional<String> table(String base64) {
        Optional<String> damaged = Optional.of("its table `precompiled_charsmap` is damaged");
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.remaining() < 8) return damaged;
            int size = bytes.getInt();
            if (size < 4 || size % 4 != 0 || size > bytes.remaining()) return damaged;
            ByteBuffer texts = bytes.slice(4 + size, bytes.limit() - 4 - size);
            int[] units = new int[size / 4];
            bytes.asIntBuffer().get(units);
            return walksInside(units, texts) ? Optional.empty() : damaged;
        } catch (IllegalArgumentException e) {
            return damaged;
        }
    }

    /** Whether every path that a text could take through the trie stays inside the table. */
    private static boolean walksInside(int[] units, ByteBuffer texts) {
        BitSet seen = new BitSet(units.length);
        Deque<Integer> states = new ArrayDeque<>();
        states.push(offset(units[0]));
        while (!states.isEmpty()) {
            int state = states.pop();
            if (state < 0 || state >= units.length) return false;
            if (seen.get(state)) continue;
            seen.set(state);
            for (int letter = 1; letter <= GREATEST_UTF8_BYTE; letter++) {
                int place = state ^ letter;
                if (place >= units.length) return false;
                int unit = units[place];
                if ((unit & 0x8000_00ff) != letter) continue;
                int next = place ^ offset(unit);
                boolean leaf = (unit & 0x100) != 0;
                if (leaf && !(next >= 0 && next < units.length && pointsToText(units[next] & 0x7fff_ffff, texts)))
                    return false;
                states.push(next);
            }
        }
        return true;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 0x200) >>> 6);
    }

    private static boolean pointsToText(int place, ByteBuffer texts) {
        return place == texts.limit() || place < texts.limit() && (texts.get(place) & 0xc0) != 0x80;
    }
}
