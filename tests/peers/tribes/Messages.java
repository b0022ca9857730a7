import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.apache.catalina.tribes.ByteMessage;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelListener;
import org.apache.catalina.tribes.ChannelMessage;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.MembershipListener;
import org.apache.catalina.tribes.UniqueId;
import org.apache.catalina.tribes.group.ChannelInterceptorBase;

/** Commands and events about messages and members (README.md). */
final class Messages implements ChannelListener, MembershipListener {
  private final ChannelPeer peer;
  private final Channel channel;
  private final Setup setup;
  private volatile boolean refuses;

  Messages(ChannelPeer peer, Channel channel, Setup setup) {
    this.peer = peer;
    this.channel = channel;
    this.setup = setup;
    channel.addChannelListener(this);
    channel.addMembershipListener(this);
    peer.add("members", words -> members());
    peer.add("send", this::send);
    peer.add("property", this::property);
    peer.add("heartbeat", words -> {
      channel.heartbeat();
      return "";
    });
    peer.add("refuse", words -> {
      refuses = words.get(0).equals("on");
      return "";
    });
  }

  /** Stands above all interceptors and keeps the message that the channel unpacks for its listeners. */
  static final class Tap extends ChannelInterceptorBase {
    private static final ThreadLocal<ChannelMessage> CURRENT = new ThreadLocal<>();

    @Override
    public void messageReceived(ChannelMessage message) {
      ChannelMessage before = CURRENT.get();
      CURRENT.set(message);
      try {
        super.messageReceived(message);
      } finally {
        CURRENT.set(before);
      }
    }
  }

  @Override
  public boolean accept(Serializable message, Member sender) {
    return message instanceof ByteMessage || message instanceof byte[] || message instanceof String;
  }

  @Override
  public void messageReceived(Serializable message, Member sender) {
    boolean raw = message instanceof ByteMessage;
    byte[] content = raw ? ((ByteMessage) message).getMessage()
        : message instanceof String ? ((String) message).getBytes(StandardCharsets.UTF_8) : (byte[]) message;
    ChannelMessage data = Tap.CURRENT.get();
    peer.event("received " + sender.getPort() + " " + data.getOptions() + " " + (raw ? "bytes" : "object") + " "
        + content.length + " " + sha256(content) + " " + data.getTimestamp() + " " + hex(data.getUniqueId()));
    if (refuses) throw new IllegalStateException("as the test wants it");
  }

  @Override
  public void memberAdded(Member member) {
    peer.event("added " + text(member));
  }

  @Override
  public void memberDisappeared(Member member) {
    peer.event("gone " + text(member));
  }

  private String members() {
    StringBuilder text = new StringBuilder();
    for (Member member : channel.getMembers()) text.append(' ').append(text(member));
    return text.toString().trim();
  }

  /** send all|PORT,PORT OPTIONS bytes|object SIZE SEED [COUNT]: messages of SEED, SEED+1, ... */
  private String send(List<String> words) throws Exception {
    Member[] to = destinations(words.get(0));
    int options = Integer.parseInt(words.get(1));
    boolean raw = words.get(2).equals("bytes");
    int size = Integer.parseInt(words.get(3));
    long seed = Long.parseLong(words.get(4));
    int count = words.size() > 5 ? Integer.parseInt(words.get(5)) : 1;
    for (int i = 0; i < count; i++) {
      byte[] content = content(size, seed + i);
      channel.send(to, raw ? new ByteMessage(content) : content, options);
    }
    return "";
  }

  private Member[] destinations(String text) {
    if (text.equals("all")) return channel.getMembers();
    List<Member> members = new ArrayList<>();
    for (String port : text.split(",")) {
      for (Member member : channel.getMembers()) {
        if (member.getPort() == Integer.parseInt(port)) members.add(member);
      }
    }
    return members.toArray(new Member[0]);
  }

  /** property INDEX NAME: what getNAME() of an interceptor says. */
  private String property(List<String> words) throws Exception {
    Object interceptor = setup.interceptors.get(Integer.parseInt(words.get(0)));
    Object value = interceptor.getClass().getMethod("get" + words.get(1)).invoke(interceptor);
    return shown(value);
  }

  private static String shown(Object value) {
    if (value instanceof byte[]) return Arrays.toString((byte[]) value);
    if (value instanceof UniqueId) return hex(((UniqueId) value).getBytes());
    if (value instanceof Member) return text((Member) value);
    if (!(value instanceof Member[])) return String.valueOf(value);
    StringBuilder text = new StringBuilder();
    for (Member member : (Member[]) value) text.append(' ').append(text(member));
    return text.toString().trim();
  }

  static String text(Member member) {
    return member.getPort() + "/" + hex(member.getUniqueId());
  }

  static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte one : bytes) text.append(String.format("%02x", one));
    return text.toString();
  }

  static String sha256(byte[] bytes) {
    try {
      return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * The content that a size and a seed stand for; peer_content() in tests/support/channel_peer.h makes
   * the same. Even seeds give four letters only, which compress well.
   */
  static byte[] content(int size, long seed) {
    byte[] content = new byte[size];
    long state = seed;
    for (int i = 0; i < size; i++) {
      if (i % 8 == 0) state += 0x9E3779B97F4A7C15L;
      long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
      byte one = (byte) ((mixed ^ (mixed >>> 31)) >>> (8 * (i % 8)));
      content[i] = seed % 2 == 0 ? (byte) ('a' + (one & 3)) : one;
    }
    return content;
  }
}
