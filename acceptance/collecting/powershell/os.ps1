# Section os: Windows version, product type, processors, memory, fixed disks. Needs local administrator over the network
# (CIM). Source: Win32_OperatingSystem, Win32_ComputerSystem, Win32_Processor, Win32_LogicalDisk, CurrentVersion.
# Server 2016 and later.
function Get-OsSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $current = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    $system = Get-CimInstance -ClassName Win32_OperatingSystem
    $computer = Get-CimInstance -ClassName Win32_ComputerSystem
    $processors = @(Get-CimInstance -ClassName Win32_Processor)
    $disks = @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3' | ForEach-Object -Process {
            [ordered]@{
                device      = [string]$_.DeviceID
                file_system = $_.FileSystem
                size_bytes  = $_.Size
                free_bytes  = $_.FreeSpace
            }
        })
    [ordered]@{
        computer_name      = [string]$computer.Name
        build              = [int]$system.BuildNumber
        revision           = Get-RegistryValue -Path $current -Name 'UBR'
        edition            = [string](Get-RegistryValue -Path $current -Name 'EditionID')
        installation_type  = [string](Get-RegistryValue -Path $current -Name 'InstallationType')
        product_name       = [string](Get-RegistryValue -Path $current -Name 'ProductName')
        product_type       = [int]$system.ProductType
        system_drive       = [string]$system.SystemDrive
        memory_bytes       = [long]$computer.TotalPhysicalMemory
        cores              = [int]($processors | Measure-Object -Property NumberOfCores -Sum).Sum
        logical_processors = [int]($processors | Measure-Object -Property NumberOfLogicalProcessors -Sum).Sum
        disks              = $disks
        part_of_domain     = [bool]$computer.PartOfDomain
        domain             = [string]$computer.Domain
        time_zone          = [string][TimeZoneInfo]::Local.Id
        utc_now            = [DateTime]::UtcNow.ToString('o')
    }
}
