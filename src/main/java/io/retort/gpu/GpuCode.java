package io.retort.gpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Kernels as PTX, the assembly language that the driver compiles for the card. Equal by content.
 *
 * @param name for messages
 * @param ptx  the text
 */
public record GpuCode(String name, String ptx) {
    /** Checks that the driver will not read the text in part. */
    public GpuCode {
        if (ptx.isBlank()) throw new IllegalArgumentException("ptx: " + name + " is empty");
        if (ptx.indexOf('\0') >= 0) throw new IllegalArgumentException("ptx: " + name + " has a zero byte");
    }

    /** A file of this package on the class path. */
    public static GpuCode resource(String name) {
        try (InputStream in = GpuCode.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalArgumentException("name: no resource " + name + " in io.retort.gpu");
            return new GpuCode(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
