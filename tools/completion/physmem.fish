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
        else if contains -- $word -w --width -i --index; or begin
                contains -- $word -n --count; and test $words[2] = read
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
complete -c physmem -n 'not __physmem_is info selftest read write node heaps gc device doctor map virt2phys addr alloc ls bench help' -s h -l help -d 'list the commands'
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
complete -c physmem -n 'test (count (commandline -opc)) = 1' -a help -d 'explain a command'

set -l all '__physmem_is info selftest read write node heaps gc device doctor map virt2phys addr alloc ls bench'
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
complete -c physmem -n '__physmem_is selftest' -l may-move -d 'memory that the kernel may move will do'
complete -c physmem -n '__physmem_is selftest' -l need-address -d 'fail if the address cannot be known'
complete -c physmem -n '__physmem_is selftest' -l dma -d 'a DMA engine copies'
complete -c physmem -n '__physmem_is alloc' -l no-address -d 'the address may stay unknown'
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

complete -c physmem -n '__physmem_is read write' -s w -l width -x -a '8 16 32 64' -d 'bits of an access'
complete -c physmem -n '__physmem_is read write' -s i -l index -x -d "entry of the node's reg property"
complete -c physmem -n '__physmem_is read write' -s c -l cached -d 'map it cached'
complete -c physmem -n '__physmem_is read' -s n -l count -x -d 'units to read'
complete -c physmem -n '__physmem_is write' -s v -l verify -d 'read back'
complete -c physmem -n '__physmem_is write' -s f -l force -d 'write although a driver owns the range'
complete -c physmem -n '__physmem_is write' -s n -l dry-run -d 'print what would be written'
complete -c physmem -n '__physmem_wants_node node read write' -a '(__physmem_nodes)' -d node

complete -c physmem -n '__physmem_is node' -s a -l all -d 'every node with that compatible string'
complete -c physmem -n '__physmem_is gc' -s n -l dry-run -d 'count, but give nothing back'

complete -c physmem -n '__physmem_is device' -s a -l all -d 'also devices that no program could use'
complete -c physmem -n '__physmem_is device' -s d -l driver -x -a 'vfio-pci uio_pci_generic vfio-platform' -d 'driver for programs'
complete -c physmem -n '__physmem_is device' -s n -l dry-run -d 'print the lines, and do nothing'
complete -c physmem -n '__physmem_is device' -s f -l force -d 'also a device in use'
complete -c physmem -n __physmem_wants_what -a 'list bind unbind' -d 'what to do'
complete -c physmem -n '__physmem_wants_what bind unbind' -a '(__physmem_devices)' -d device
