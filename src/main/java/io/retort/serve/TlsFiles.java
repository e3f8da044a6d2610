package io.retort.serve;

import io.retort.files.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate with its key in PEM files, as what encrypts connections. */
final class TlsFiles {
    private static final Pattern KEY = Pattern
            .compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final int LARGEST = 1 << 20;

    private TlsFiles() {}

    /**
     * Reads them.
     *
     * @throws BadInput if a file is none of these, or they do not belong together
     */
    static SSLContext open(Path certificate, Path key) throws IOException {
        Collection<? extends Certificate> chain = chain(certificate);
        PrivateKey secret = key(key);
        try {
            requireMatch(chain.iterator().next().getPublicKey(), secret);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", secret, new char[0], chain.toArray(Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw BadInput.in(key, "does not belong to " + certificate + ", or cannot be used (" + e.getMessage() + ")",
                    "name the key of this certificate").causedBy(e);
        }
    }

    /** Nothing else compares them before the first client comes, whose connection would fail. */
    private static void requireMatch(PublicKey open, PrivateKey secret) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(switch (secret.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        });
        byte[] text = {1, 2, 3};
        signature.initSign(secret);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(text);
        if (!signature.verify(signed)) throw new InvalidKeyException("its signature is not that of the certificate");
    }

    private static Collection<? extends Certificate> chain(Path file) throws IOException {
        requireSmall(file);
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> chain = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (!chain.isEmpty()) return chain;
        } catch (CertificateException e) {
            throw noCertificate(file).causedBy(e);
        }
        throw noCertificate(file);
    }

    private static BadInput noCertificate(Path file) {
        return BadInput.in(file, "holds no certificate", "give one in PEM, with its chain behind it");
    }

    private static void requireSmall(Path file) throws IOException {
        if (Files.size(file) > LARGEST) throw BadInput.in(file, "is too large", "give a PEM file");
    }

    private static PrivateKey key(Path file) throws IOException {
        requireSmall(file);
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw BadInput.in(file, "holds no private key in PKCS #8",
                    "convert it with `openssl pkcs8 -topk8 -nocrypt`");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(pem.group(1));
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, "is not Base64", "give the key in PEM").causedBy(e);
        }
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                continue; // a key of another algorithm
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(algorithm, e);
            }
        }
        throw BadInput.in(file, "holds a key of an unknown kind", "use RSA, EC or Ed25519");
    }
}
