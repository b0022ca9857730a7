import java.util.ArrayList;
import java.util.List;

import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelInterceptor;
import org.apache.catalina.tribes.MembershipService;
import org.apache.catalina.tribes.group.GroupChannel;
import org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor;
import org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor;
import org.apache.catalina.tribes.membership.McastService;
import org.apache.catalina.tribes.membership.StaticMember;
import org.apache.catalina.tribes.membership.StaticMembershipService;
import org.apache.catalina.tribes.membership.cloud.CloudMembershipService;
import org.apache.catalina.tribes.transport.ReplicationTransmitter;
import org.apache.catalina.tribes.transport.nio.NioReceiver;
import org.apache.tomcat.util.IntrospectionUtils;

/**
 * Arguments to a channel. A component is one argument: its class below org.apache.catalina.tribes
 * (interceptors without their package) and its properties, "OrderInterceptor expire=100 maxQueue=5",
 * which reach it by the setters that server.xml uses. See README.md.
 */
final class Setup {
  final List<ChannelInterceptor> interceptors = new ArrayList<>();
  int levels = Channel.DEFAULT;

  private final GroupChannel channel = new GroupChannel();
  private final NioReceiver receiver = new NioReceiver();
  private final ReplicationTransmitter sender = new ReplicationTransmitter();
  private MembershipService membership;

  Setup(String[] arguments) throws Exception {
    receiver.setAddress("127.0.0.1");
    receiver.setAutoBind(1);
    channel.setName("peer");
    channel.setJmxEnabled(false);
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) throw new IllegalArgumentException(arguments[i] + " has no value");
      take(arguments[i], arguments[i + 1]);
    }
  }

  private void take(String name, String value) throws Exception {
    switch (name) {
      case "--log": break;  // ChannelPeer has seen it
      case "--levels": levels = Integer.parseInt(value); break;
      case "--channel": set(channel, value.split(" "), 0); break;
      case "--receiver": set(receiver, value.split(" "), 0); break;
      case "--transport": set(sender.getTransport(), value.split(" "), 0); break;
      case "--mcast": membership = multicast(value); break;
      case "--static": membership = (MembershipService) set(new StaticMembershipService(), value.split(" "), 0); break;
      case "--cloud": membership = (MembershipService) set(new CloudMembershipService(), value.split(" "), 0); break;
      case "--interceptor": interceptors.add(interceptor(value)); break;
      default: throw new IllegalArgumentException("unknown argument " + name);
    }
  }

  Channel channel() {
    channel.setChannelReceiver(receiver);
    channel.setChannelSender(sender);
    channel.setMembershipService(membership == null ? multicast("") : membership);
    channel.addInterceptor(new Messages.Tap());
    // A channel without any interceptor gets this one at start, but the tap is one.
    if (interceptors.isEmpty()) interceptors.add(new MessageDispatchInterceptor());
    for (ChannelInterceptor one : interceptors) channel.addInterceptor(one);
    return channel;
  }

  private static MembershipService multicast(String properties) {
    McastService service = new McastService();
    service.setBind("127.0.0.1");
    return (MembershipService) set(service, properties.split(" "), 0);
  }

  private static ChannelInterceptor interceptor(String text) throws Exception {
    String[] words = text.split(" ");
    String name = words[0].contains(".") ? words[0] : "org.apache.catalina.tribes.group.interceptors." + words[0];
    return (ChannelInterceptor) set(Class.forName(name).getDeclaredConstructor().newInstance(), words, 1);
  }

  private static Object set(Object component, String[] words, int first) {
    for (int i = first; i < words.length; i++) {
      if (words[i].isEmpty()) continue;
      int equals = words[i].indexOf('=');
      String name = words[i].substring(0, equals);
      String value = words[i].substring(equals + 1);
      boolean done = true;
      if (name.equals("member") || name.equals("local")) {
        addMember(component, name.equals("local"), value);
      } else {
        done = IntrospectionUtils.setProperty(component, name, value);
      }
      if (!done) throw new IllegalArgumentException(component.getClass().getName() + " has no property " + name);
    }
    return component;
  }

  /** PORT:UNIQUEID[:DOMAIN], UNIQUEID as {1,2,...}, on 127.0.0.1. */
  private static void addMember(Object component, boolean local, String value) {
    String[] parts = value.split(":");
    StaticMember member = new StaticMember();
    member.setHost("127.0.0.1");
    member.setPort(Integer.parseInt(parts[0]));
    member.setUniqueId(parts[1]);
    if (parts.length > 2) member.setDomain(parts[2]);
    if (component instanceof StaticMembershipInterceptor) {
      StaticMembershipInterceptor interceptor = (StaticMembershipInterceptor) component;
      if (local) interceptor.setLocalMember(member); else interceptor.addStaticMember(member);
    } else {
      StaticMembershipService service = (StaticMembershipService) component;
      if (local) service.setLocalMember(member); else service.addStaticMember(member);
    }
  }
}
