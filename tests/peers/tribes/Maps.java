import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.Response;
import org.apache.catalina.tribes.group.RpcCallback;
import org.apache.catalina.tribes.group.RpcChannel;
import org.apache.catalina.tribes.tipis.AbstractReplicatedMap;
import org.apache.catalina.tribes.tipis.LazyReplicatedMap;
import org.apache.catalina.tribes.tipis.ReplicatedMap;

/** Commands and events about calls and replicated maps (README.md). */
final class Maps {
  private static final long TIMEOUT = 5000;

  private final ChannelPeer peer;
  private final Channel channel;
  private final Map<String, AbstractReplicatedMap<String, Text>> maps = new HashMap<>();
  private final Map<String, RpcChannel> calls = new HashMap<>();

  Maps(ChannelPeer peer, Channel channel) {
    this.peer = peer;
    this.channel = channel;
    peer.add("map-start", this::start);
    peer.add("map-put", words -> text(map(words).put(words.get(1), new Text(words.get(2)))));
    peer.add("map-get", words -> text(map(words).get(words.get(1))));
    peer.add("map-append", this::append);
    peer.add("map-touch", words -> {
      map(words).replicate(words.get(1), false);
      return "";
    });
    peer.add("map-remove", words -> text(map(words).remove(words.get(1))));
    peer.add("map-entry", this::entry);
    peer.add("map-members", words -> ports(map(words).getMapMembers()));
    peer.add("map-stop", words -> {
      maps.remove(words.get(0)).breakdown();
      return "";
    });
    peer.add("rpc-start", this::startCalls);
    peer.add("rpc-ask", this::ask);
  }

  /** map-start NAME lazy|full OPTIONS */
  private String start(List<String> words) {
    String name = words.get(0);
    ClassLoader[] loaders = {Maps.class.getClassLoader()};
    AbstractReplicatedMap.MapOwner owner = (key, value) -> peer.event("primary " + name + " " + key);
    AbstractReplicatedMap<String, Text> map = words.get(1).equals("lazy")
        ? new LazyReplicatedMap<>(owner, channel, TIMEOUT, name, loaders, true)
        : new ReplicatedMap<>(owner, channel, TIMEOUT, name, loaders, true);
    map.setChannelSendOptions(Integer.parseInt(words.get(2)));
    maps.put(name, map);
    return "";
  }

  private AbstractReplicatedMap<String, Text> map(List<String> words) {
    AbstractReplicatedMap<String, Text> map = maps.get(words.get(0));
    if (map == null) throw new IllegalArgumentException("no map " + words.get(0));
    return map;
  }

  private static String text(Text value) {
    return value == null ? "null" : value.toString();
  }

  /** map-append NAME KEY TEXT: get, change, replicate; the text afterwards. */
  private String append(List<String> words) {
    Text value = map(words).get(words.get(1));
    if (value == null) return "null";
    value.append(words.get(2));
    map(words).replicate(words.get(1), false);
    return value.toString();
  }

  /** ROLE PRIMARY NODES TEXT ACCESSES, without touching the entry. */
  private String entry(List<String> words) {
    AbstractReplicatedMap.MapEntry<String, Text> entry = map(words).getInternal(words.get(1));
    if (entry == null) return "none";
    String role = entry.isPrimary() ? "primary" : entry.isBackup() ? "backup" : entry.isProxy() ? "proxy" : "copy";
    Member primary = entry.getPrimary();
    Text value = entry.getValue();
    return role + " " + (primary == null ? "-" : primary.getPort()) + " " + ports(entry.getBackupNodes()) + " "
        + text(value) + " " + (value == null ? 0 : value.accesses());
  }

  private static String ports(Member[] members) {
    if (members == null || members.length == 0) return "-";
    int[] ports = new int[members.length];
    for (int i = 0; i < ports.length; i++) ports[i] = members[i].getPort();
    java.util.Arrays.sort(ports);
    StringBuilder text = new StringBuilder();
    for (int port : ports) text.append(text.length() == 0 ? "" : ",").append(port);
    return text.toString();
  }

  /** rpc-start ID: answers requests with "TEXT from PORT", "silent" with null. */
  private String startCalls(List<String> words) {
    String id = words.get(0);
    calls.put(id, new RpcChannel(id.getBytes(StandardCharsets.ISO_8859_1), channel, new RpcCallback() {
      @Override
      public Serializable replyRequest(Serializable message, Member sender) {
        peer.event("asked " + id + " " + sender.getPort() + " " + message);
        return "silent".equals(message) ? null : message + "-from-" + channel.getLocalMember(false).getPort();
      }

      @Override
      public void leftOver(Serializable message, Member sender) {
        peer.event("left-over " + id + " " + sender.getPort() + " " + message);
      }
    }));
    return "";
  }

  /** rpc-ask ID first|majority|all|none TIMEOUT TEXT: the answers of all members, "PORT:TEXT". */
  private String ask(List<String> words) throws Exception {
    int option = List.of("first", "majority", "all", "none").indexOf(words.get(1)) + 1;
    Response[] responses = calls.get(words.get(0)).send(channel.getMembers(), words.get(3), option,
        Channel.SEND_OPTIONS_DEFAULT, Long.parseLong(words.get(2)));
    StringBuilder text = new StringBuilder();
    for (Response one : responses) text.append(one.getSource().getPort()).append(':').append(one.getMessage()).append(' ');
    return text.toString().trim();
  }
}
