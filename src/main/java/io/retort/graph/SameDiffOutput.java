package io.retort.graph;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import org.nd4j.autodiff.samediff.VariableType;

/**
 * Keeps SameDiff from printing. While it builds a gradient graph, 1.0.0-M2.1 prints a line to standard output for every
 * operation, with a bare {@code System.out.println} that no setting turns off, and standard output belongs to the
 * results of whoever uses the library. Swapping {@code System.out} would take other threads' output with it, so the one
 * call is taken out of the class instead, as it is loaded.
 */
final class SameDiffOutput {
    private static final String CLASS = "/org/nd4j/autodiff/samediff/SameDiff.class";
    private static final int INVOKE_DYNAMIC = 0xba, INVOKE_VIRTUAL = 0xb6, POP2 = 0x58, NOP = 0;

    private SameDiffOutput() {}

    /**
     * Loads SameDiff without the printing call, if it is not loaded yet; to be called before its first use. Where that
     * cannot be done, SameDiff works all the same, and prints.
     */
    static void silence() {
        try (InputStream in = VariableType.class.getResourceAsStream(CLASS)) {
            if (in == null) return;
            byte[] bytes = in.readAllBytes();
            int call = placeOfCall(bytes, println(bytes));
            if (call < 0) return;
            bytes[call] = (byte) POP2; // the stream, and the text for it
            bytes[call + 1] = NOP;
            bytes[call + 2] = NOP;
            MethodHandles.privateLookupIn(VariableType.class, MethodHandles.lookup()).defineClass(bytes);
        } catch (IOException | IllegalAccessException | LinkageError e) {
            // Somebody else has loaded it, or closes its package: lines too many harm no result.
            return;
        }
    }

    /**
     * Finds the single call that prints a text which was joined together just before it; returns -1 if there is no such
     * call or more than one.
     */
    private static int placeOfCall(byte[] bytes, int println) {
        int found = -1;
        for (int i = 0; i + 8 <= bytes.length && println > 0; i++) {
            boolean joins = (bytes[i] & 0xff) == INVOKE_DYNAMIC && bytes[i + 3] == 0 && bytes[i + 4] == 0;
            boolean prints = (bytes[i + 5] & 0xff) == INVOKE_VIRTUAL
                    && ((bytes[i + 6] & 0xff) << 8 | bytes[i + 7] & 0xff) == println;
            if (!joins || !prints) continue;
            if (found >= 0) return -1;
            found = i + 5;
        }
        return found;
    }

    /**
     * Finds the constant of a class (JVMS 4.4) that names {@code PrintStream.println(String)}; returns its number, or 0
     * if the class has none.
     */
    private static int println(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        in.skipNBytes(8); // magic and version
        int count = in.readUnsignedShort();
        String[] texts = new String[count];
        int[] first = new int[count]; // of a class its name, of a method its class, of a name and type its name
        int[] second = new int[count];
        boolean[] methods = new boolean[count];
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> texts[i] = in.readUTF();
                case 3, 4 -> in.skipNBytes(4);
                case 5, 6 -> {
                    in.skipNBytes(8);
                    i++; // these take two numbers
                }
                case 7, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
                case 15 -> in.skipNBytes(3);
                default -> {
                    first[i] = in.readUnsignedShort();
                    second[i] = in.readUnsignedShort();
                    methods[i] = tag == 10;
                }
            }
        }
        for (int i = 1; i < count; i++) {
            if (methods[i] && "java/io/PrintStream".equals(texts[first[first[i]]])
                    && "println".equals(texts[first[second[i]]])
                    && "(Ljava/lang/String;)V".equals(texts[second[second[i]]])) {
                return i;
            }
        }
        return 0;
    }
}
