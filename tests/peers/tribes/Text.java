import java.nio.charset.StandardCharsets;

import org.apache.catalina.tribes.tipis.ReplicatedMapEntry;

/**
 * A value of a map: a text that grows. Its diff is what was appended since the last time, behind the place where that
 * begins and a colon; so one that comes again does no harm.
 */
final class Text implements ReplicatedMapEntry {
  private static final long serialVersionUID = 1L;

  private String text;
  private transient String appended = "";
  private transient long lastReplicated;
  private transient int accesses;
  private transient int diffs;

  Text(String text) {
    this.text = text;
  }

  synchronized void append(String more) {
    text += more;
    appended = (appended == null ? "" : appended) + more;
  }

  synchronized int accesses() {
    return accesses;
  }

  /** How many differences were applied to this object. */
  synchronized int diffs() {
    return diffs;
  }

  @Override
  public synchronized String toString() {
    return text;
  }

  @Override
  public synchronized boolean isDirty() {
    return appended != null && !appended.isEmpty();
  }

  @Override
  public boolean isDiffable() {
    return true;
  }

  @Override
  public synchronized byte[] getDiff() {
    return (text.length() - appended.length() + ":" + appended).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void applyDiff(byte[] diff, int offset, int length) {
    final String[] parts = new String(diff, offset, length, StandardCharsets.UTF_8).split(":", 2);
    text = text.substring(0, Math.min(text.length(), Integer.parseInt(parts[0]))) + parts[1];
    diffs++;
  }

  @Override
  public synchronized void resetDiff() {
    appended = "";
  }

  @Override
  public void lock() {
  }

  @Override
  public void unlock() {
  }

  @Override
  public void setOwner(Object owner) {
  }

  @Override
  public long getVersion() {
    return 0;
  }

  @Override
  public void setVersion(long version) {
  }

  @Override
  public synchronized long getLastTimeReplicated() {
    return lastReplicated;
  }

  @Override
  public synchronized void setLastTimeReplicated(long time) {
    lastReplicated = time;
  }

  @Override
  public boolean isAccessReplicate() {
    return true;
  }

  @Override
  public synchronized void accessEntry() {
    accesses++;
  }
}
