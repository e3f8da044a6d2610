package io.retort.search;

import io.retort.files.BadInput;
import java.util.HexFormat;

/** SHA-256 of what decides a model's vectors, in 64 lower-case hexadecimal digits. */
public record ModelFingerprint(String hex) {
    /**
     * @throws BadInput if it is anything else
     */
    public ModelFingerprint {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw BadInput.of("\"" + hex + "\" is not a model's fingerprint",
                    "give the SHA-256 as 64 hexadecimal digits");
        }
    }

    // Written out for a quick start: the JVM makes classes for what a record has by itself.
    @Override
    public boolean equals(Object other) {
        return other instanceof ModelFingerprint fingerprint && hex.equals(fingerprint.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    static ModelFingerprint of(byte[] sha256) {
        return new ModelFingerprint(HexFormat.of().formatHex(sha256));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** The first digits, enough to tell models apart in a message. */
    public String brief() {
        return hex.substring(0, 12);
    }
}
