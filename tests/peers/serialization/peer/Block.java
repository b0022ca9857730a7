package peer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Bytes of primitives, as java.io.DataOutput writes them. */
final class Block {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  private interface Writing {
    void run() throws IOException;
  }

  private Block write(Writing writing) {
    try {
      writing.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Block putByte(int value) {
    return write(() -> out.writeByte(value));
  }

  Block putInt(int value) {
    return write(() -> out.writeInt(value));
  }

  Block putLong(long value) {
    return write(() -> out.writeLong(value));
  }

  Block putUtf(String value) {
    return write(() -> out.writeUTF(value));
  }

  Block put(byte[] value) {
    return write(() -> out.write(value));
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
