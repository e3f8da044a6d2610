package io.retort.safety;
import java.nio.file.*; import java.util.*;
class Probe {
    public static void main(String[] a) throws Exception {
        SafetyScreen s = SafetyScreen.of(SafetySettings.defaults());
        if (a[0].endsWith(".tsv")) {
            var f = LabelledTexts.of(a[0]).figures(s::checkTurn);
            f.wrong().forEach(System.out::println);
            System.out.println("crisis " + f.crisis() + " abuse " + f.abuse() + " fp " + f.innocent());
            return;
        }
        List<String> lines = Files.readAllLines(Path.of(a[0]));
        boolean reply = a.length > 1 && a[1].equals("reply");
        for (int r = 0; r < 2; r++) for (String l : lines) s.checkTurn(l);
        for (int k = 0; k < 2; k++) for (String l : lines) { s.checkTurn(l); }
        long t = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime(); int n = 0; Map<SafetyCategory,Integer> by = new TreeMap<>();
        for (String l : lines) { SafetyVerdict v = reply ? s.checkReply(l) : s.checkTurn(l); if (!v.passes()) { n++; by.merge(v.category().get(), 1, Integer::sum); } }
        System.out.printf("%d of %d = %.4f, %.1f us each %s%n", n, lines.size(), n / (double) lines.size(), (java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - t) / 1e3 / lines.size(), by);
        Collections.shuffle(lines, new Random(Long.getLong("seed", 1))); int shown = 0;
        for (String l : lines) { SafetyVerdict v = reply ? s.checkReply(l) : s.checkTurn(l); if (!v.passes() && shown++ < Integer.getInteger("show", 40)) System.out.println(v.category().get() + " | " + l + " | " + v.reason()); }
    }
}
