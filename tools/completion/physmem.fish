# SPDX-License-Identifier: MIT
# fish completion for physmem: the same as ./physmem for bash, with words.

# Aliases of the device tree, or the paths of nodes.
function __physmem_nodes
    set -l tree $LIBPMEM_ROOT/proc/device-tree
    test -d "$tree"; or set tree $LIBPMEM_ROOT/sys/firmware/devicetree/base
    set -q LIBPMEM_DEVICE_TREE; and test -n "$LIBPMEM_DEVICE_TREE"; and set tree $LIBPMEM_DEVICE_TREE
    set -l word (commandline -ct | string replace -r '^--[a-z]+=' '')
    if string match -q '/*' -- $word
        set -l folder (string replace -r '[^/]*$' '' -- $word)
        for path in $tree$folder*/
            string sub -s (math 1 + (string length -- $tree)) -- (string trim -r -c / -- $path)
        end
    else
        for path in $tree/aliases/*
            test -f $path; and string replace -r '.*/' '' -- $path | string match -v name
        end
    end
end

function __physmem_backends
    physmem info 2>/dev/null | sed -n '/^backends/,/^[a-z]/s/^  \([a-z]*\) .*/\1/p'
end

function __physmem_heaps
    for path in $LIBPMEM_ROOT/dev/dma_heap/*
        string replace -r '.*/' '' -- $path
    end
end

# Names of registers that begin so, of --svd on the line or of this machine.
function __physmem_names
    set -l current (commandline -ct)
    test -n "$current"; and not string match -q '/*' -- $current; or return
    set -l words (commandline -opc)
    set -l svd
    for i in (seq (count $words))
        if contains -- $words[$i] --svd -r
            set svd --svd $words[(math $i + 1)]
        else if string match -q -- '--svd=*' $words[$i]
            set svd --svd (string replace -- --svd= '' $words[$i])
        end
    end
    physmem registers $svd --names -- (string replace -a '[' '\\[' -- $current)'*' 2>/dev/null
end

# Whether the command is one of these.
function __physmem_is
    set -l words (commandline -opc)
    set -q words[2]; and contains -- $words[2] $argv
end

# Whether the command is one of these and its address or node is still to come.
function __physmem_wants_node
    __physmem_is $argv; or return
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[3..]
        if test $skip = 1
            set skip 0
        else if contains -- $word -w --width -e --endian -i --index -r --svd -F --file -O --offset -B --base \
                -m --mask -C --clear --set -u --until -t --timeout -I --interval -T --times --count; or begin
                test "$word" = -n; and test $words[2] != write
            end; or begin
                test "$word" = -s; and test $words[2] = write
            end
            set skip 1
        else if not string match -q -- '-*' $word
            return 1
        end
    end
end

# Whether the word after the command is still to come, or, with names, a device after one of them.
function __physmem_wants_what
    __physmem_is device; or return
    set -l words (commandline -opc)
    set -l said
    set -l skip 0
    for word in $words[3..]
        if test $skip = 1
            set skip 0
        else if contains -- $word -d --driver
            set skip 1
        else if not string match -q -- '-*' $word
            set -a said $word
        end
    end
    if set -q argv[1]
        test (count $said) = 1; and contains -- $said[1] $argv
    else
        test (count $said) = 0
    end
end

function __physmem_devices
    for path in $LIBPMEM_ROOT/sys/bus/pci/devices/*
        string replace -r '.*/' '' -- $path
    end
end

complete -c physmem -f
complete -c physmem -n 'not __physmem_is info selftest read write node heaps gc device doctor map virt2phys addr alloc ls bench dump poll watch registers help' -s h -l help -d 'list the commands'
complete -c physmem -n 'test (count (commandline -opc)) = 1' -l version -d 'print the version'

set -l first 'test (count (commandline -opc)) = 1; or begin; __physmem_is help; and test (count (commandline -opc)) = 2; end'
complete -c physmem -n $first -a info -d 'show the machine and what works on it'
complete -c physmem -n $first -a selftest -d 'allocate memory, show where it is, and prove a copy'
complete -c physmem -n $first -a read -d 'read registers'
complete -c physmem -n $first -a write -d 'write registers'
complete -c physmem -n $first -a node -d 'look a device up in the device tree'
complete -c physmem -n $first -a heaps -d 'list the dma-buf heaps'
complete -c physmem -n $first -a gc -d 'give back firmware memory of dead processes'
complete -c physmem -n $first -a device -d 'list devices, and give one to programs or back'
complete -c physmem -n $first -a doctor -d 'say what works, and how to mend what does not'
complete -c physmem -n $first -a map -d 'draw the physical address space'
complete -c physmem -n $first -a virt2phys -d 'tell where memory of a process really is'
complete -c physmem -n $first -a addr -d 'convert between physical and bus addresses'
complete -c physmem -n $first -a alloc -d 'run a command that is lent memory for a device'
complete -c physmem -n $first -a ls -d 'list who holds memory for devices'
complete -c physmem -n $first -a bench -d 'measure what memory costs here'
complete -c physmem -n $first -a dump -d 'show device memory as hex and text'
complete -c physmem -n $first -a poll -d 'wait until a register has a value'
complete -c physmem -n $first -a watch -d 'show registers as they change'
complete -c physmem -n $first -a registers -d 'list the names of registers'
complete -c physmem -n 'test (count (commandline -opc)) = 1' -a help -d 'explain a command'

set -l all '__physmem_is info selftest read write node heaps gc device doctor map virt2phys addr alloc ls bench dump poll watch registers'
complete -c physmem -n $all -s h -l help -d 'explain the command'
complete -c physmem -n $all -s j -l json -d 'print JSON'

complete -c physmem -n '__physmem_is info' -s s -l stable -d 'leave out what changes'

complete -c physmem -n '__physmem_is selftest' -s s -l size -x -d 'bytes to allocate'
complete -c physmem -n '__physmem_is selftest' -s o -l hole -x -d 'guarded bytes at each end'
complete -c physmem -n '__physmem_is selftest alloc' -s b -l backend -x -a '(__physmem_backends)' -d 'use this backend'
complete -c physmem -n '__physmem_is selftest alloc' -s p -l heap -x -a '(__physmem_heaps)' -d 'use this heap'
complete -c physmem -n '__physmem_is selftest alloc' -s a -l align -x -d 'alignment of the physical address'
complete -c physmem -n '__physmem_is selftest alloc' -s l -l below -x -d 'all of it below this physical address'
complete -c physmem -n '__physmem_is selftest alloc addr' -s m -l master -x -a '(__physmem_nodes)' -d 'memory that this device sees'
complete -c physmem -n '__physmem_is selftest alloc' -l no-master -d 'memory that no device in particular must see'
complete -c physmem -n '__physmem_is selftest alloc' -l scattered -d 'several pieces will do'
complete -c physmem -n '__physmem_is selftest alloc' -l cached -d 'only cached memory'
complete -c physmem -n '__physmem_is selftest alloc' -l uncached -d 'only memory that the CPU does not cache'
complete -c physmem -n '__physmem_is selftest alloc' -l dmabuf -d 'must be a dma-buf'
complete -c physmem -n '__physmem_is selftest alloc' -l may-move -d 'memory that the kernel may move will do'
complete -c physmem -n '__physmem_is selftest' -l need-address -d 'fail if the address cannot be known'
complete -c physmem -n '__physmem_is selftest' -l dma -d 'a DMA engine copies'
complete -c physmem -n '__physmem_is selftest alloc' -l no-address -d 'the address may stay unknown'
complete -c physmem -n '__physmem_is alloc' -s n -l dry-run -d 'allocate, print, and give back'

complete -c physmem -n '__physmem_is doctor' -s f -l for -x -a 'map gpio alloc phys dma vfio' -d 'only this use'
complete -c physmem -n '__physmem_is doctor' -s s -l size -x -d 'of the memory'
complete -c physmem -n '__physmem_is doctor' -s p -l program -x -d 'the program that needs it'
complete -c physmem -n '__physmem_is doctor' -s c -l container -d 'options of docker run'
complete -c physmem -n '__physmem_is map' -s a -l all -d 'all names'
complete -c physmem -n '__physmem_is map' -s s -l svg -d 'a picture'
complete -c physmem -n '__physmem_is map' -s A -l ascii -d 'no line drawing characters'
complete -c physmem -n '__physmem_is map' -s c -l columns -x -d 'how wide'
complete -c physmem -n '__physmem_is bench' -s t -l time -x -d 'milliseconds for each'

set -l registers '__physmem_is read write dump poll watch'
complete -c physmem -n $registers -s w -l width -x -a '8 16 24 32 40 48 56 64' -d 'bits of an access'
complete -c physmem -n $registers -s e -l endian -x -a 'little big' -d 'order of the bytes'
complete -c physmem -n $registers -s i -l index -x -d "entry of the node's reg property"
complete -c physmem -n $registers -s c -l cached -d 'map it cached'
complete -c physmem -n $registers -s r -l svd -r -F -d 'names of registers'
complete -c physmem -n $registers -s F -l file -r -F -d 'a device file or a dump'
complete -c physmem -n $registers -s O -l offset -x -d 'where in the file the addresses begin'
complete -c physmem -n $registers -s B -l base -x -d 'the address of what is there'
complete -c physmem -n '__physmem_is read' -s n -l count -x -d 'units to read'
complete -c physmem -n '__physmem_is read' -s f -l fields -d 'all fields, too'
complete -c physmem -n '__physmem_is write' -s m -l mask -x -d 'change only these bits'
complete -c physmem -n '__physmem_is write' -s s -l set -x -d 'set these bits'
complete -c physmem -n '__physmem_is write' -s C -l clear -x -d 'clear these bits'
complete -c physmem -n '__physmem_is dump' -s R -l raw -d 'the bytes alone'
complete -c physmem -n '__physmem_is dump' -s S -l side-effects -d 'read also what changes when it is read'
complete -c physmem -n '__physmem_is poll' -s u -l until -x -d 'what ends it'
complete -c physmem -n '__physmem_is poll' -s t -l timeout -x -d 'how long'
complete -c physmem -n '__physmem_is poll watch' -s I -l interval -x -d 'from one read to the next'
complete -c physmem -n '__physmem_is watch' -s n -l count -x -d 'units to watch'
complete -c physmem -n '__physmem_is watch' -s T -l times -x -d 'rounds'
complete -c physmem -n '__physmem_is registers' -s r -l svd -r -F -d 'the file'
complete -c physmem -n '__physmem_is registers' -s f -l fields -d 'their fields, too'
complete -c physmem -n '__physmem_is registers' -s N -l names -d 'names only'
complete -c physmem -n '__physmem_is registers' -a '(__physmem_names)' -d name
complete -c physmem -n '__physmem_is write' -s v -l verify -d 'read back'
complete -c physmem -n '__physmem_is write' -s f -l force -d 'write although a driver owns the range'
complete -c physmem -n '__physmem_is write' -s n -l dry-run -d 'print what would be written'
complete -c physmem -n '__physmem_wants_node node read write dump poll watch' -a '(__physmem_nodes)' -d node
complete -c physmem -n '__physmem_wants_node read write dump poll watch' -a '(__physmem_names)' -d name

complete -c physmem -n '__physmem_is node' -s a -l all -d 'every node with that compatible string'
complete -c physmem -n '__physmem_is gc' -s n -l dry-run -d 'count, but give nothing back'

complete -c physmem -n '__physmem_is device' -s a -l all -d 'also devices that no program could use'
complete -c physmem -n '__physmem_is device' -s d -l driver -x -a 'vfio-pci uio_pci_generic vfio-platform' -d 'driver for programs'
complete -c physmem -n '__physmem_is device' -s n -l dry-run -d 'print the lines, and do nothing'
complete -c physmem -n '__physmem_is device' -s f -l force -d 'also a device in use'
complete -c physmem -n __physmem_wants_what -a 'list bind unbind' -d 'what to do'
complete -c physmem -n '__physmem_wants_what bind unbind' -a '(__physmem_devices)' -d device
