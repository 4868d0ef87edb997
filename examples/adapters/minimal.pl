#!/usr/bin/perl
# A minimal home energy manager: one battery and one inverter of Sungrow, one Siemens PAC2200 at the grid connection, one
# wallbe. Zero at the meter with the battery, a limit of the feed-in from a file, a car that is charged with what is left
# over or as fast as the fuse allows. It needs nothing but perl.
#
#   perl minimal.pl CONFIG      a line each: "pv HOST PORT UNIT RATED", "battery ...", "meter ...", "wallbox ...",
#                               "period S", "limit FILE" (percent of the inverter's rating, empty: none), "fuse A",
#                               "mode FILE" (surplus or full)
#
# "fault NAME" in CONFIG plants a mistake, for those who want to see it found: sign, release, reconnect, minimum, fuse.
use strict;
use warnings;
use IO::Socket::INET;

my (%device, %line, %sent, %lost);
my ($period, $limit_file, $fault, $fuse, $mode_file) = (1, "limit", "", 35, "mode");
open(my $config, "<", $ARGV[0]) or die "no configuration\n";
while (<$config>) {
    my ($key, @words) = split;
    next unless defined $key;
    if    ($key eq "period") { $period     = $words[0] }
    elsif ($key eq "limit")  { $limit_file = $words[0] }
    elsif ($key eq "fault")  { $fault      = $words[0] }
    elsif ($key eq "fuse")   { $fuse       = $words[0] }
    elsif ($key eq "mode")   { $mode_file  = $words[0] }
    else { $device{$key} = { host => $words[0], port => $words[1], unit => $words[2], rated => $words[3] } }
}
close $config;
$| = 1;

sub take {    # so many bytes of a connection, or nothing
    my ($socket, $size) = @_;
    my $data = "";
    while (length($data) < $size) {
        my $ready = "";
        vec($ready, fileno($socket), 1) = 1;
        return unless select($ready, undef, undef, 1);
        return unless sysread($socket, $data, $size - length($data), length($data));
    }
    return $data;
}

sub exchange {    # one Modbus request of a device; its answer, or nothing
    my ($name, $pdu) = @_;
    my $one = $device{$name};
    $line{$name} //= IO::Socket::INET->new(PeerAddr => $one->{host}, PeerPort => $one->{port}, Timeout => 1);
    my $answer;
    if (my $socket = $line{$name}) {
        syswrite($socket, pack("nnnC", 1, 0, length($pdu) + 1, $one->{unit}) . $pdu);
        my $head = take($socket, 7);
        $answer = take($socket, (unpack("nnnC", $head))[2] - 1) if $head;
    }
    if (!defined $answer) {
        close(delete $line{$name}) if $line{$name};
        delete @sent{ grep { /^$name / } keys %sent };    # who comes back may have forgotten everything
        $lost{$name} = 1;
        return;
    }
    return ord($answer) & 0x80 ? undef : $answer;
}

sub registers {
    my ($name, $function, $address, $count) = @_;
    my $answer = exchange($name, pack("Cnn", $function, $address, $count)) // return;
    return unpack("x2n*", $answer);
}

sub set {    # a register, when it holds something else; a coil with function 5
    my ($name, $address, $value, $function) = @_;
    my $key = "$name $address";
    return if defined $sent{$key} && $sent{$key} == $value;
    $sent{$key} = $value if exchange($name, pack("Cnn", $function // 6, $address, $value));
}

sub said {    # the first word of a file, or nothing
    open(my $file, "<", $_[0]) or return;
    my $text = <$file> // "";
    return $text =~ /^(\w+)/ ? $1 : undef;
}

sub limit { return said($limit_file) }    # percent of the rating that may be fed, or nothing

my ($amperes, $volts) = (0, 230);    # what the car is allowed, 0 while it is not charged

sub charge {    # a car, by what flows at the grid connection: W in all, and A in the phase with the most
    my ($grid, $most) = @_;
    if ((said($mode_file) // "surplus") eq "full") { $amperes += $fuse - $most unless $fault eq "fuse" }
    else                                           { $amperes -= $grid / (3 * $volts) }
    $amperes = 32 if $fault eq "fuse" && (said($mode_file) // "") eq "full";
    my ($low, $high) = $fault eq "minimum" ? (6, 32) : (0, 32);
    $amperes = $high if $amperes > $high;
    $amperes = $low  if $amperes < $low;
    $amperes = 0     if $amperes < 6;
    set("wallbox", 528, int(10 * $amperes)) if $amperes;
    set("wallbox", 400, $amperes ? 0xFF00 : 0, 5);
}

my ($setpoint, $limited, $turn) = (0, 0, 0);
print "running\n";
while (1) {
    my @words = registers("meter", 3, 65, 2);
    if (@words) {
        my $grid = unpack("f>", pack("n2", @words));    # W, import positive
        if (my $battery = $device{battery}) {
            $setpoint += 0.6 * $grid * ($fault eq "sign" ? -1 : 1);
            my $most = $battery->{rated};
            $setpoint = $most if $setpoint > $most;
            $setpoint = -$most if $setpoint < -$most;
            set("battery", 13049, 2);
            set("battery", 13051, int(abs($setpoint)));
            set("battery", 13050, $setpoint > 0 ? 0xBB : 0xAA);
        }
        if ($device{wallbox}) {
            my @phases = registers("meter", 3, 13, 6);
            my ($most) = sort { $b <=> $a } map { unpack("f>", pack("n2", @phases[ 2 * $_, 2 * $_ + 1 ])) } 0 .. 2;
            charge($grid, $most) if @phases;
        }
        my ($low, $high) = registers("pv", 4, 5030, 2);
        my $most = limit();
        if (defined $most && defined $low && $fault eq "reconnect" && $lost{pv}) { }
        elsif (defined $most && defined $low) {
            my $rated = $device{pv}{rated};
            my $power = $low + 65536 * $high;
            my $allowed = $power + $grid + $most / 100 * $rated;
            $allowed = $most / 100 * $rated if $allowed < $most / 100 * $rated;
            $allowed = $rated if $allowed > $rated;
            set("pv", 5006, 0xAA);
            set("pv", 5007, int($allowed / $rated * 1000));
            $limited = 1;
        }
        elsif ($limited && $fault ne "release") {
            set("pv", 5007, 1000);
            $limited = 0;
        }
    }
    # what a device has forgotten while nobody looked is told again
    %sent = () if ++$turn % 10 == 0;
    select(undef, undef, undef, $period);
}
